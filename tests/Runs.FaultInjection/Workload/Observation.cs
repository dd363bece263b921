using System.Text.Json;

namespace Runs.FaultInjection.Workload;

/// <summary>What a caller was shown of a run, and when.</summary>
internal readonly record struct Observation(
    double Start, double End, string Status, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt)
{
    public static Observation FromJson(JsonElement run, double start, double end) => new(
        start, end, run.GetProperty("status").GetString()!, run.GetProperty("created_at").GetDateTimeOffset(), run.GetProperty("updated_at").GetDateTimeOffset(),
        ReadTime(run, "started_at"), ReadTime(run, "completed_at"));

    private static DateTimeOffset? ReadTime(JsonElement run, string name) =>
        run.GetProperty(name) is { ValueKind: JsonValueKind.String } time ? time.GetDateTimeOffset() : null;
}
