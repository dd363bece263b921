using System.Text;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>The conditions of <see cref="RunStateMachine"/>. Each reads the run and the message and changes nothing.</summary>
internal static class RunConditions
{
    private const int MostOfForms = 512 * 1024;

    public static bool IsTooLate(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.TooLate);
    public static bool HasUnknownParent(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.UnknownParent);
    public static bool HasCancelledAncestor(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.CancelledAncestor);
    public static bool IsTooDeep(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.TooDeep);
    public static bool IsReservation(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.Reservation);
    public static bool IsForExecution(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.ForExecution);
    public static bool IsAlreadyRunning(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.AlreadyRunning);
    public static bool WasCalledOff(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.CalledOff);
    public static bool IsStartOfReservation(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.StartOfReservation);
    public static bool IsRedelivery(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.Redelivery);
    public static bool IsRepeat(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.Repeat);
    public static bool IsDifferentRequest(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.DifferentRequest);
    public static bool IsTakenByAnother(BehaviorContext<RunState, CreateRun> context) => context.VerdictIs(Verdict.TakenByAnother);

    public static bool IsSuccess(BehaviorContext<RunState, CompleteRun> context) => context.Message.Status == RunStatuses.Completed;
    public static bool IsFailure(BehaviorContext<RunState, CompleteRun> context) => context.Message.Status == RunStatuses.Failed;
    public static bool IsCancellation(BehaviorContext<RunState, CompleteRun> context) => context.Message.Status == RunStatuses.Cancelled;

    public static bool IsNow(BehaviorContext<RunState, RunDue> context) => context.Saga.Run.DueAt <= context.Saga.Now;

    /// <summary>Nobody could be told that there is no such run, so the cancel has to be kept.</summary>
    public static bool IsUnanswerable(BehaviorContext<RunState, CancelRun> context) => IsFirsthand(context) && !context.Saga.HasReplyAddress;

    public static bool IsAnswerable(BehaviorContext<RunState, CancelRun> context) => !IsUnanswerable(context);

    /// <summary>Somebody asked for this very run to be cancelled.</summary>
    public static bool IsFirsthand(BehaviorContext<RunState, CancelRun> context) => !context.Saga.IsCascade;

    /// <summary>A run above it was cancelled.</summary>
    public static bool IsCascade(BehaviorContext<RunState, CancelRun> context) => context.Saga.IsCascade;

    /// <summary>
    /// The run waits for this very thing, or has waited for it: a tool call is awaited once, and a form asked for once, whatever became of it. An executor that got no
    /// answer to its wait may repeat it after the run was resumed.
    /// </summary>
    public static bool IsRepeatedWait(BehaviorContext<RunState, WaitRun> context) => context.Message switch
    {
        { InputRequest: not null, ToolCallId: var call } => context.Saga.Run.InputRequests.Exists(request => request.ToolCallId == call),
        _ when context.IsRedelivery() => true,
        { ToolCallId: { } call } when context.Saga.Run.ToolResults.Exists(answer => answer.ToolCallId == call) => true,
        var wait => context.Saga.Run.Status == RunStatuses.Waiting
            && context.Saga.Run.WaitingReason == wait.Reason && context.Saga.Run.WaitingToolCallId == wait.ToolCallId,
    };

    public static bool IsOtherWait(BehaviorContext<RunState, WaitRun> context) => !IsRepeatedWait(context);

    public static bool IsNewWait(BehaviorContext<RunState, WaitRun> context) => IsOtherWait(context) && !IsOneTooMany(context);

    /// <summary>The run's document has to have room for other things than forms.</summary>
    public static bool IsOneTooMany(BehaviorContext<RunState, WaitRun> context) =>
        context.Message.InputRequest is not null && IsOtherWait(context) && context.Saga.Run.InputRequests.Sum(SizeOf) > MostOfForms;

    private static int SizeOf(InputRequest request) => 512 // names, ids and times
        + Encoding.UTF8.GetByteCount($"{request.Title}{request.Description}{request.Fields.Text}{request.Metadata?.Text}{request.Values?.Text}");

    public static bool IsAwaited(BehaviorContext<RunState, ResumeRun> context) =>
        !context.IsRedelivery()
        && context.Saga.Run is { Status: RunStatuses.Waiting } run && run.WaitingToolCallId == context.Message.ToolCallId
        && (context.Message.Reason ?? run.WaitingReason) == run.WaitingReason
        && (context.Message.Responder is not null) == run.InputRequests.Exists( // a form is answered by whom it is for, not by who asked
            request => request.Status == InputRequestStatuses.Open && request.ToolCallId == context.Message.ToolCallId);

    public static bool IsUnawaited(BehaviorContext<RunState, ResumeRun> context) => !IsAwaited(context) && IsNewResult(context);

    /// <summary>The call was answered, with this very result.</summary>
    public static bool IsRepeatedResult(BehaviorContext<RunState, ResumeRun> context) =>
        context.IsRedelivery() || (!IsAwaited(context) && AnswerTo(context) is { } answer && answer == ToolResultOf(context.Message));

    public static bool IsNewResult(BehaviorContext<RunState, ResumeRun> context) => !IsRepeatedResult(context);

    public static ToolResult? AnswerTo(BehaviorContext<RunState, ResumeRun> context) =>
        context.Saga.Run.ToolResults.FindLast(answer => answer.ToolCallId == context.Message.ToolCallId);

    public static ToolResult ToolResultOf(ResumeRun message) =>
        new(message.ToolCallId ?? "", CanonicalJson.Fingerprint(message.Result.Parse()), message.IsError);

    // The run may have gone on since: what paused it once does not pause it again, and what answered one wait does not answer the next.
    private static bool IsRedelivery<T>(this BehaviorContext<RunState, T> context)
        where T : class =>
        context.Saga.MessageId != Guid.Empty && context.Saga.Run.PausedBy.Contains(context.Saga.MessageId);

    private static bool VerdictIs(this BehaviorContext<RunState, CreateRun> context, Verdict verdict) =>
        context.Saga.VerdictOn(context.Message) == verdict;
}
