using Runs.Contracts;

namespace Runs.Store;

/// <summary>Maps a stored run to what the worker that holds it needs besides the run.</summary>
public static class RunClaimMapper
{
    /// <summary>Returns the claim of a run that a worker holds.</summary>
    public static RunClaim ToClaim(this Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new RunClaim
        {
            Attempt = run.Attempt,
            LeaseOwner = run.LeaseOwner!,
            LeaseExpiresAt = run.LeaseExpiresAt!.Value,
            LatestEventId = run.LatestEventId,
            LatestExternalEventSequence = run.LatestExternalEventSequence,
            ToolResults = run.ToolResults.ConvertAll(ToContract),
            WorkerSession = run.WorkerSession?.ToContract(),
            TimeoutAt = run.TimeoutAt,
            TraceParent = run.TraceParent,
            Name = run.Name,
            AgentId = run.AgentId,
            SourceTargetKind = run.SourceTargetKind,
            SourceTargetEnvironmentId = run.SourceTargetEnvironmentId,
            SourceTargetBranchId = run.SourceTargetBranchId,
            SourceTargetReleaseVersion = run.SourceTargetReleaseVersion,
        };
    }

    private static RecordedToolResult ToContract(ToolResult result) => new()
    {
        ToolCallId = result.ToolCallId.Length > 0 ? result.ToolCallId : null,
        Reason = result.Reason,
        Result = result.Result,
        IsError = result.IsError,
    };
}
