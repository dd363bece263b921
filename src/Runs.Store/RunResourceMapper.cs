using Runs.Contracts;

namespace Runs.Store;

/// <summary>Maps a stored run to the representation that the HTTP API and messages use.</summary>
public static class RunResourceMapper
{
    private static readonly RawJson NoArtifacts = new("[]");

    /// <summary>Returns the canonical representation of the run.</summary>
    public static RunResource ToResource(this Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new RunResource
        {
            RunId = run.RunId,
            Kind = run.Kind,
            Status = run.Status,
            Owner = run.Owner,
            ParentRunId = run.ParentRunId,
            RootRunId = run.RootRunId,
            WaitingReason = run.WaitingReason,
            Metadata = run.Metadata,
            Target = run.Target,
            WorkflowId = run.WorkflowId,
            ScheduleId = run.ScheduleId,
            BatchId = run.BatchId,
            RuntimeTargetKind = run.RuntimeTargetKind,
            RuntimeTargetEnvironmentId = run.RuntimeTargetEnvironmentId,
            RuntimeTargetBranchId = run.RuntimeTargetBranchId,
            Input = run.Input,
            Config = run.Config,
            Output = run.Output,
            Error = run.Error,
            Logs = run.Logs,
            Artifacts = run.Artifacts ?? NoArtifacts,
            DurationMs = run.DurationMs,
            ExitCode = run.ExitCode,
            StartMode = run.StartMode,
            TimeoutSeconds = run.TimeoutSeconds,
            BackoffLimit = run.BackoffLimit,
            Attempt = run.Attempt,
            FailedAttempts = run.FailedAttempts,
            NextAttemptAt = run.RetryAt,
            LeaseExpiresAt = run.LeaseExpiresAt,
            Priority = run.Priority,
            StartAfter = run.StartAfter,
            StartBefore = run.StartBefore,
            TriggerKind = run.TriggerKind,
            TriggerId = run.TriggerId,
            CreatedBy = run.CreatedBy,
            UpdatedAt = run.UpdatedAt,
            CreatedAt = run.CreatedAt,
            StartedAt = run.StartedAt,
            CompletedAt = run.CompletedAt,
        };
    }
}
