namespace Runs.Client;

/// <summary>A list of schedules.</summary>
internal sealed record SchedulesResponse
{
    public required IReadOnlyList<Schedule> Schedules { get; init; }
}
