using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Decides the outcome of a result from the run and the message only.</summary>
internal static class ResumeRunDecision
{
    /// <summary>The outcome of <paramref name="command"/> for <paramref name="run"/>.</summary>
    public static ResumeRunOutcome Decide(Run run, ResumeRun command, RunMessageContext messageContext)
    {
        if (run.HasProcessed(messageContext.MessageId))
        {
            return ResumeRunOutcome.Duplicate;
        }

        if (MatchesCurrentWait(run, command))
        {
            return run.HasEndedAttempt() ? ResumeRunOutcome.AwaitedBySuspendedRun
                : RunTimers.GetLeaseEnd(run, messageContext.Execution) <= messageContext.Now ? ResumeRunOutcome.AwaitedAfterLease
                : ResumeRunOutcome.AwaitedResult;
        }

        if (run.ToolResults.FindLast(result => result.ToolCallId == command.ToolCallId) is not { } recorded)
        {
            return ResumeRunOutcome.NotAwaited;
        }

        return recorded.IsError == command.IsError && recorded.Fingerprint == ToolResults.ComputeFingerprint(command)
            ? ResumeRunOutcome.Duplicate
            : ResumeRunOutcome.ResultConflict;
    }

    private static bool MatchesCurrentWait(Run run, ResumeRun command) =>
        run.Status == RunStatuses.Waiting
        && run.WaitingToolCallId == command.ToolCallId
        && (command.Reason ?? run.WaitingReason) == run.WaitingReason
        // A form is answered by a responder, not by the executor that requested it.
        && (command.Responder is not null) == run.InputRequests.Exists(
            request => request.Status == InputRequestStatuses.Open && request.ToolCallId == command.ToolCallId);
}
