using System.Text;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Decides the outcome of a wait from the run and the message only.</summary>
internal static class WaitRunDecision
{
    /// <summary>The outcome of <paramref name="command"/> for <paramref name="run"/>.</summary>
    public static WaitRunOutcome Decide(Run run, WaitRun command, Guid? messageId)
    {
        if (command.Attempt is null && run.RequiresAttempt())
        {
            return WaitRunOutcome.AttemptRequired;
        }

        if (MayRepeat(run, command.Attempt) && IsDuplicate(run, command, messageId))
        {
            return IsReleaseOfCurrentWait(run, command) ? WaitRunOutcome.Release : WaitRunOutcome.Duplicate;
        }

        if (command.Attempt is { } attempt && !run.IsCurrentAttempt(attempt))
        {
            return WaitRunOutcome.AttemptLost;
        }

        if (command.InputRequest is not null && run.InputRequests.Sum(SizeInBytes) > FieldLimits.MaxInputRequestBytes)
        {
            return WaitRunOutcome.TooManyInputRequests;
        }

        // An attempt without a lease has no worker that could release the run.
        return command.Release && run.LeaseOwner is not null ? WaitRunOutcome.Suspension : WaitRunOutcome.NewWait;
    }

    // The worker first held the run while it waits, and now releases it.
    private static bool IsReleaseOfCurrentWait(Run run, WaitRun command) =>
        command is { Release: true, Attempt: { } attempt } && run.IsCurrentAttempt(attempt) && run.LeaseOwner is not null
        && IsCurrentWait(run, command);

    private static bool IsCurrentWait(Run run, WaitRun command) =>
        run.Status == RunStatuses.Waiting && run.WaitingReason == command.Reason && run.WaitingToolCallId == command.ToolCallId;

    // The attempt of a worker that suspended the run is over. The worker may have got no reply.
    private static bool MayRepeat(Run run, int? attempt) =>
        attempt is not { } number || run.IsCurrentAttempt(number) || run.HasAttempt(number, AttemptOutcomes.Suspended)
        || RunStatuses.IsTerminal(run.Status);

    // A tool call is awaited once, and a form is requested once, regardless of its outcome. An executor that got no
    // reply to its wait may repeat the wait after the run was resumed.
    private static bool IsDuplicate(Run run, WaitRun command, Guid? messageId)
    {
        if (run.HasProcessed(messageId))
        {
            return true;
        }

        if (command.InputRequest is not null)
        {
            return run.InputRequests.Exists(request => request.ToolCallId == command.ToolCallId && !IsWithdrawn(run, request));
        }

        return (command.ToolCallId is { } toolCallId && run.ToolResults.Exists(result => result.ToolCallId == toolCallId))
            || IsCurrentWait(run, command);
    }

    // The attempt that requested the form failed before there was a response. The next attempt may request it again.
    private static bool IsWithdrawn(Run run, InputRequest request) =>
        !RunStatuses.IsTerminal(run.Status) && request is { Status: InputRequestStatuses.Cancelled, ActorType: null }
        && !run.ToolResults.Exists(result => result.ToolCallId == request.ToolCallId);

    private static int SizeInBytes(InputRequest request) =>
        512 // names, ids and times
        + Encoding.UTF8.GetByteCount(
            $"{request.Title}{request.Description}{request.Fields.Text}{request.Metadata?.Text}{request.Values?.Text}");
}
