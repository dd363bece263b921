using Runs.Contracts;

namespace Runs.Api.Schedules;

/// <summary>One page of schedules.</summary>
public sealed record ListSchedulesResponse
{
    /// <summary>The schedules, newest first.</summary>
    public required IReadOnlyList<ScheduleResource> Schedules { get; init; }

    /// <summary>Always empty: the service reads no sources.</summary>
    public IReadOnlyList<RawJson> SourceSchedules { get; } = [];

    /// <summary>The cursors of the neighbouring pages.</summary>
    public required PageInfoResource PageInfo { get; init; }
}
