using System.Text;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>The outcome of a <see cref="WaitRun"/> for its run.</summary>
internal enum WaitRunOutcome
{
    /// <summary>The run already waits for this, or has waited for it before.</summary>
    Duplicate,

    /// <summary>The stored forms of the run exceed their size limit.</summary>
    TooManyInputRequests,

    /// <summary>The run waits for something new.</summary>
    NewWait,
}

/// <summary>Decides the outcome of a wait from the run and the message only.</summary>
internal static class WaitRunDecision
{
    // The run's document needs space for other data than forms.
    private const int MaxInputRequestBytes = 512 * 1024;

    /// <summary>The outcome of <paramref name="command"/> for <paramref name="run"/>.</summary>
    public static WaitRunOutcome Decide(Run run, WaitRun command, Guid? messageId) =>
        IsRepeat(run, command, messageId) ? WaitRunOutcome.Duplicate
        : command.InputRequest is not null && run.InputRequests.Sum(SizeInBytes) > MaxInputRequestBytes ? WaitRunOutcome.TooManyInputRequests
        : WaitRunOutcome.NewWait;

    // A tool call is awaited once, and a form is requested once, regardless of its outcome. An executor that got no
    // reply to its wait may repeat the wait after the run was resumed.
    private static bool IsRepeat(Run run, WaitRun command, Guid? messageId) => command switch
    {
        { InputRequest: not null, ToolCallId: var toolCallId } => run.InputRequests.Exists(request => request.ToolCallId == toolCallId),
        _ when run.HasProcessed(messageId) => true,
        { ToolCallId: { } toolCallId } when run.ToolResults.Exists(result => result.ToolCallId == toolCallId) => true,
        _ => run.Status == RunStatuses.Waiting && run.WaitingReason == command.Reason && run.WaitingToolCallId == command.ToolCallId,
    };

    private static int SizeInBytes(InputRequest request) => 512 // names, ids and times
        + Encoding.UTF8.GetByteCount($"{request.Title}{request.Description}{request.Fields.Text}{request.Metadata?.Text}{request.Values?.Text}");
}
