using System.Text;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The activities of <see cref="RunStateMachine"/> that change the run. Each does what its name says and nothing else.
/// The messages are in <see cref="RunOutboxActivities"/>, the replies in <see cref="RunReplyActivities"/>.
/// </summary>
internal static class RunActivities
{
    private const int MaxRememberedMessageIds = 32;
    private const int MaxToolResults = 1000;

    public static EventActivityBinder<RunSaga, CreateRun> RecordRequest(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Then(context => context.Saga.RunOrNull = RunFactory.Create(context.Saga, context.Message, context.MessageContext()));

    public static EventActivityBinder<RunSaga, CreateRun> RecordInput(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Update((run, command, messageContext) =>
        {
            run.Input = messageContext.Request!.Input;
            run.RequestBytes += Encoding.UTF8.GetByteCount(command.Request.Text);
            run.AcceptedRequests.Add(RunFactory.CreateAcceptedRequest(command, messageContext));
            run.DueAt = null;
        });

    public static EventActivityBinder<RunSaga, T> RecordStart<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, _, messageContext) =>
        {
            run.StartedAt = messageContext.Now;
            run.DueAt = GetDeadline(run, messageContext.Now);
        });

    public static EventActivityBinder<RunSaga, WaitRun> RecordWait(this EventActivityBinder<RunSaga, WaitRun> binder) =>
        binder.Update((run, command, messageContext) =>
        {
            run.WaitingReason = command.Reason;
            run.WaitingToolCallId = command.ToolCallId;
            run.WaitingToolName = command.ToolName;
            RememberMessage(run, messageContext.MessageId);
            if (command.InputRequest is { } form)
            {
                run.InputRequests.Add(RunFactory.CreateInputRequest(run, command, form, messageContext.Now));
            }

            run.DueAt = command.ExpiresAt is { } expiry ? expiry.TruncateToMilliseconds() : null;
        });

    public static EventActivityBinder<RunSaga, ResumeRun> RecordResult(this EventActivityBinder<RunSaga, ResumeRun> binder) =>
        binder.Update((run, command, messageContext) =>
        {
            if (command.ToolCallId is not null)
            {
                run.ToolResults.Add(ResumeRunDecision.CreateToolResult(command));
                run.ToolResults.KeepLatest(MaxToolResults);
            }

            var status = command.IsError ? InputRequestStatuses.Cancelled : InputRequestStatuses.Submitted;
            CloseOpenInputRequest(run, messageContext.Now, status, command);
            ClearWait(run);
            RememberMessage(run, messageContext.MessageId);
            run.DueAt = GetDeadline(run, messageContext.Now); // the timeout applies to each running period; a wait does not consume it
        });

    public static EventActivityBinder<RunSaga, CompleteRun> RecordOutcome(this EventActivityBinder<RunSaga, CompleteRun> binder) =>
        binder.Update((run, outcome, messageContext) =>
        {
            Finish(run, messageContext);
            run.Metadata = outcome.Metadata;
            run.Output = outcome.Output;
            run.Logs = outcome.Logs;
            run.Artifacts = outcome.Artifacts;
            run.DurationMs = outcome.DurationMs ?? run.DurationMs;
            run.ExitCode = outcome.ExitCode ?? GetExitCode(run, outcome.Status);
            run.Error = outcome.Status == RunStatuses.Failed ? RunFactory.CreateError(outcome) : null;
        });

    public static EventActivityBinder<RunSaga, T> RecordCancellation<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, _, messageContext) =>
        {
            Finish(run, messageContext);
            run.ExitCode = GetExitCode(run, RunStatuses.Cancelled);
        });

    public static EventActivityBinder<RunSaga, RunDue> RecordTimeout(this EventActivityBinder<RunSaga, RunDue> binder) =>
        binder.Update((run, _, messageContext) =>
        {
            CloseOpenInputRequest(run, messageContext.Now, InputRequestStatuses.Expired);
            run.Error = RunFactory.CreateTimeoutError(run);
            Finish(run, messageContext);
            run.ExitCode = GetExitCode(run, RunStatuses.Failed);
        });

    public static EventActivityBinder<RunSaga, CancelRun> RecordPendingCancellation(this EventActivityBinder<RunSaga, CancelRun> binder) =>
        binder.Then(context =>
        {
            context.Saga.RunOrNull = RunFactory.CreateCancellationPending(context.Saga.CorrelationId, context.MessageContext());
            context.MessageContext().HasChanges = true;
        });

    private static void Finish(Run run, RunMessageContext messageContext)
    {
        CloseOpenInputRequest(run, messageContext.Now, InputRequestStatuses.Cancelled);
        ClearWait(run);
        run.CompletedAt = messageContext.Now;
        run.DurationMs = run.StartedAt is { } started ? (long)(messageContext.Now - started).TotalMilliseconds : null;
        run.FinishedByMessageId = messageContext.MessageId;
        run.DueAt = null;
    }

    private static void CloseOpenInputRequest(Run run, DateTimeOffset now, string status, ResumeRun? command = null)
    {
        if (run.InputRequests.Find(request => request.Status == InputRequestStatuses.Open) is { } inputRequest)
        {
            inputRequest.Status = status;
            inputRequest.ClosedAt = now;
            inputRequest.ActorType = command?.Responder?.ActorType;
            inputRequest.ActorId = command?.Responder?.ActorId;
            inputRequest.Values = command is { IsError: false, Responder: not null } ? command.Result : null;
        }
    }

    private static void ClearWait(Run run) => run.WaitingReason = run.WaitingToolCallId = run.WaitingToolName = null;

    // A redelivery arrives soon or after only a few other messages, so the list can be short.
    private static void RememberMessage(Run run, Guid? messageId)
    {
        if (messageId is { } id)
        {
            run.ProcessedWaitMessageIds.Add(id);
            run.ProcessedWaitMessageIds.KeepLatest(MaxRememberedMessageIds);
        }
    }

    private static DateTimeOffset? GetDeadline(Run run, DateTimeOffset now) =>
        run.TimeoutSeconds is { } seconds ? now.AddSeconds(seconds) : null;

    // The convention of process workers: 0 for success, 1 for anything else; agents have no process.
    private static int? GetExitCode(Run run, string outcome) =>
        run.Kind == RunKinds.Agent ? null : outcome == RunStatuses.Completed ? 0 : 1;

    private static EventActivityBinder<RunSaga, T> Update<T>(
        this EventActivityBinder<RunSaga, T> binder, Action<Run, T, RunMessageContext> change)
        where T : class =>
        binder.Then(context =>
        {
            change(context.Saga.Run, context.Message, context.MessageContext());
            context.Saga.Run.UpdatedAt = context.MessageContext().Now;
            context.MessageContext().HasChanges = true;
        });
}
