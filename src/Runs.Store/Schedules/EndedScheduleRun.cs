using Runs.Contracts;

namespace Runs.Store;

/// <summary>A run of a schedule that completed or failed.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Status"><see cref="RunStatuses.Completed"/> or <see cref="RunStatuses.Failed"/>.</param>
/// <param name="CreatedAt">When the run was accepted.</param>
/// <param name="CompletedAt">When the run ended.</param>
/// <param name="Error">Why the run failed; null for a completed run.</param>
public sealed record EndedScheduleRun(
    string RunId, string Status, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt, RunError? Error);
