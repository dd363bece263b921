using System.Text.Json;

namespace Runs.FaultInjection.Workload;

/// <summary>The state of a run in a response.</summary>
/// <param name="Start">When the call was sent.</param>
/// <param name="End">When the response arrived.</param>
/// <param name="Status">The status of the run.</param>
/// <param name="CreatedAt">When the run was created.</param>
/// <param name="UpdatedAt">When the run was updated.</param>
/// <param name="StartedAt">When the run was started.</param>
/// <param name="CompletedAt">When the run ended.</param>
internal readonly record struct Observation(
    double Start,
    double End,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? CompletedAt)
{
    public static Observation FromJson(JsonElement run, double start, double end) => new(
        start,
        end,
        run.GetProperty("status").GetString()!,
        run.GetProperty("created_at").GetDateTimeOffset(),
        run.GetProperty("updated_at").GetDateTimeOffset(),
        ReadTime(run, "started_at"),
        ReadTime(run, "completed_at"));

    private static DateTimeOffset? ReadTime(JsonElement run, string name) =>
        run.GetProperty(name) is { ValueKind: JsonValueKind.String } time ? time.GetDateTimeOffset() : null;
}
