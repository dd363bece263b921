namespace Runs.Tests.Client;

/// <summary>A schedule as the API returns it, in part.</summary>
public sealed record ApiSchedule(
    string Id,
    string Name,
    string Status,
    ApiScheduleTarget Target,
    string Schedule,
    string Timezone,
    int TimeoutSeconds,
    int BackoffLimit,
    string ConcurrencyPolicy,
    string CatchUp,
    int? MaxRuns,
    long RunCount,
    string? NextFireAt,
    string? LastScheduledAt,
    string? CompletedAt,
    string? PausedAt,
    string? PausedReason,
    string DefinitionSource,
    string? SourceTriggerId,
    string UpdatedAt);
