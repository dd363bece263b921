using System.Text.Json.Serialization;

namespace Runs.Client;

/// <summary>A response with one schedule: the schedule itself, or an object with the member <c>schedule</c>.</summary>
[JsonConverter(typeof(ScheduleResponseConverter))]
internal sealed record ScheduleResponse(Schedule Schedule);
