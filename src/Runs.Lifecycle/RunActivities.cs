using System.Text;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>The verbs of <see cref="RunStateMachine"/>. Each does what its name says and nothing else.</summary>
internal static class RunActivities
{
    private const string NoSuchRun = "No such run.";
    private const int MostRemembered = 32;
    private const int MostToolResults = 1000;

    public static EventActivityBinder<RunState, CreateRun> RecordRequest(this EventActivityBinder<RunState, CreateRun> binder) =>
        binder.Then(context => context.Saga.Stored = RunRecord.Of(context.Saga, context.Message));

    public static EventActivityBinder<RunState, CreateRun> RecordInput(this EventActivityBinder<RunState, CreateRun> binder) =>
        binder.Change((run, context) =>
        {
            run.Input = context.Saga.Request!.Input;
            run.RequestBytes += Encoding.UTF8.GetByteCount(context.Message.Request.Text);
            run.AcceptedRequests.Add(new AcceptedRequest(context.Saga.MessageId, CreateDecision.FingerprintOf(context.Message)));
            run.DueAt = null;
        });

    public static EventActivityBinder<RunState, T> RecordStart<T>(this EventActivityBinder<RunState, T> binder)
        where T : class =>
        binder.Change((run, context) =>
        {
            run.StartedAt ??= context.Saga.Now;
            run.DueAt = TimeoutFrom(run, context.Saga.Now);
        });

    public static EventActivityBinder<RunState, WaitRun> RecordWait(this EventActivityBinder<RunState, WaitRun> binder) =>
        binder.Change((run, context) =>
        {
            run.WaitingReason = context.Message.Reason;
            run.WaitingToolCallId = context.Message.ToolCallId;
            run.WaitingToolName = context.Message.ToolName;
            Remember(run, context.Saga.MessageId);
            if (context.Message.InputRequest is { } form)
            {
                run.InputRequests.Add(RunRecord.InputRequestOf(run, context.Message, form, context.Saga.Now));
            }

            run.DueAt = context.Message.ExpiresAt is { } expiry ? UtcMilliseconds.Truncate(expiry) : null;
        });

    public static EventActivityBinder<RunState, ResumeRun> RecordResult(this EventActivityBinder<RunState, ResumeRun> binder) =>
        binder.Change((run, context) =>
        {
            if (context.Message.ToolCallId is not null)
            {
                run.ToolResults.Add(RunConditions.ToolResultOf(context.Message));
                run.ToolResults.RemoveRange(0, Math.Max(0, run.ToolResults.Count - MostToolResults));
            }

            CloseInput(run, context.Saga.Now, context.Message.IsError ? InputRequestStatuses.Cancelled : InputRequestStatuses.Submitted, context.Message);
            EndWait(run);
            Remember(run, context.Saga.MessageId);
            run.DueAt = TimeoutFrom(run, context.Saga.Now); // each stretch of running has the whole time; a wait does not use it up
        });

    public static EventActivityBinder<RunState, CompleteRun> RecordOutcome(this EventActivityBinder<RunState, CompleteRun> binder) =>
        binder.Change((run, context) =>
        {
            var outcome = context.Message;
            End(run, context.Saga);
            run.Metadata = outcome.Metadata;
            run.Output = outcome.Output;
            run.Logs = outcome.Logs;
            run.Artifacts = outcome.Artifacts;
            run.DurationMs = outcome.DurationMs ?? run.DurationMs;
            run.ExitCode = outcome.ExitCode ?? ExitCodeFor(run, outcome.Status);
            run.Error = outcome.Status != RunStatuses.Failed ? null : new RunError
            {
                Message = string.IsNullOrWhiteSpace(outcome.TerminalErrorMessage) ? "The run failed." : outcome.TerminalErrorMessage,
                Code = string.IsNullOrWhiteSpace(outcome.TerminalErrorCode) ? null : outcome.TerminalErrorCode,
            };
        });

    public static EventActivityBinder<RunState, T> RecordCancellation<T>(this EventActivityBinder<RunState, T> binder)
        where T : class =>
        binder.Change((run, context) =>
        {
            End(run, context.Saga);
            run.ExitCode = ExitCodeFor(run, RunStatuses.Cancelled);
        });

    public static EventActivityBinder<RunState, RunDue> RecordTimeout(this EventActivityBinder<RunState, RunDue> binder) =>
        binder.Change((run, context) =>
        {
            CloseInput(run, context.Saga.Now, InputRequestStatuses.Expired);
            run.Error = run.Status switch
            {
                RunStatuses.Pending => new RunError { Code = "RESERVATION_EXPIRED", Message = "The reserved run was never started." },
                RunStatuses.Waiting => new RunError { Code = "WAIT_EXPIRED", Message = $"What the run waited for ({run.WaitingReason}) did not come in time." },
                _ => new RunError { Code = "TIMEOUT", Message = $"The run took longer than its {run.TimeoutSeconds} seconds." },
            };
            End(run, context.Saga);
            run.ExitCode = ExitCodeFor(run, RunStatuses.Failed);
        });

    public static EventActivityBinder<RunState, CancelRun> RecordEarlyCancel(this EventActivityBinder<RunState, CancelRun> binder) =>
        binder.Then(context => context.Saga.Stored = RunRecord.CalledOff(context.Saga));

    public static EventActivityBinder<RunState, CreateRun> AnnounceReservation(this EventActivityBinder<RunState, CreateRun> binder) =>
        binder.Announce(RunRecord.Reserved);

    public static EventActivityBinder<RunState, CreateRun> AnnounceAcceptance(this EventActivityBinder<RunState, CreateRun> binder) =>
        binder.Announce(RunRecord.Accepted);

    /// <summary>In the log and to listeners.</summary>
    public static EventActivityBinder<RunState, T> AnnounceStart<T>(this EventActivityBinder<RunState, T> binder)
        where T : class => binder
        .Then(context => context.Saga.LogStart((context.Message as StartRun)?.Event))
        .Announce(RunRecord.Started);

    public static EventActivityBinder<RunState, WaitRun> AnnounceWait(this EventActivityBinder<RunState, WaitRun> binder) =>
        binder.Announce((run, now) => RunRecord.WaitingSince(run, now));

    public static EventActivityBinder<RunState, ResumeRun> AnnounceResumption(this EventActivityBinder<RunState, ResumeRun> binder) =>
        binder.Then(context => context.Saga.Announce(RunRecord.Resumed(context.Saga.Run, context.Message, context.Saga.Now)));

    /// <summary>In the log and to listeners.</summary>
    public static EventActivityBinder<RunState, T> AnnounceEnd<T>(this EventActivityBinder<RunState, T> binder)
        where T : class => binder.Then(context => context.Saga.LogEnd()).Announce(RunRecord.Finished);

    public static EventActivityBinder<RunState, T> CancelDescendants<T>(this EventActivityBinder<RunState, T> binder)
        where T : class => binder.Announce((run, _) => new CancelDescendants(run.Tenant, run.RunId));

    /// <summary>Goes down the tree again: what an earlier release or a lost step left active is reached by asking once more.</summary>
    public static EventActivityBinder<RunState, CancelRun> CancelDescendantsAgain(this EventActivityBinder<RunState, CancelRun> binder) =>
        binder.Then(context => context.Saga.ResumesCascade = true);

    /// <summary>Of a child, looks once more whether a run above it was cancelled meanwhile.</summary>
    public static EventActivityBinder<RunState, CreateRun> CheckAncestors(this EventActivityBinder<RunState, CreateRun> binder) =>
        binder.Then(context =>
        {
            if (context.Saga.Run.ParentRunId is { } parent)
            {
                context.Saga.Announce(new CheckAncestors(context.Message.Tenant, context.Message.RunId, parent));
            }
        });

    /// <summary>Answers with the run; this command made it what it is.</summary>
    public static EventActivityBinder<RunState, T> ReplyAsChanged<T>(this EventActivityBinder<RunState, T> binder)
        where T : class => binder.Then(context => context.Saga.Reply = RunRecord.Snapshot(context.Saga.Run, changed: true));

    /// <summary>Answers with the run as it is; this command changed nothing.</summary>
    public static EventActivityBinder<RunState, T> Reply<T>(this EventActivityBinder<RunState, T> binder)
        where T : class => binder.Then(context => context.Saga.Reply = RunRecord.Snapshot(context.Saga.Run, changed: false));

    /// <summary>Answers with the run as it is; a redelivery of the command that ended it is told that it did.</summary>
    public static EventActivityBinder<RunState, T> ReplyToOutcome<T>(this EventActivityBinder<RunState, T> binder)
        where T : class => binder.Then(context => context.Saga.Reply =
            RunRecord.Snapshot(context.Saga.Run, changed: context.Saga.MessageId != Guid.Empty && context.Saga.Run.FinishedBy == context.Saga.MessageId));

    public static EventActivityBinder<RunState, CreateRun> RefuseAsExpired(this EventActivityBinder<RunState, CreateRun> binder) =>
        binder.Refuse(RefusalCodes.Expired, "The command came after its deadline. Nothing was created.");

    public static EventActivityBinder<RunState, CreateRun> RefuseForItsParent(this EventActivityBinder<RunState, CreateRun> binder) =>
        binder.Refuse(RefusalCodes.ParentNotFound, "parent_run_id names no run that you can see. Nothing was created.");

    public static EventActivityBinder<RunState, CreateRun> RefuseForItsCancelledAncestor(this EventActivityBinder<RunState, CreateRun> binder) =>
        binder.Refuse(RefusalCodes.ParentCancelled, "The parent, or a run above it, was cancelled. Nothing was created.");

    public static EventActivityBinder<RunState, CreateRun> RefuseAsTooDeep(this EventActivityBinder<RunState, CreateRun> binder) =>
        binder.Then(context => context.Saga.Refuse(
            RefusalCodes.TreeTooDeep,
            $"A tree of runs may have {context.Saga.MaxTreeDepth} levels below its root, and the parent is on the last one. Nothing was created."));

    public static EventActivityBinder<RunState, CreateRun> RefuseAsTaken(this EventActivityBinder<RunState, CreateRun> binder) =>
        binder.Refuse(RefusalCodes.RunIdTaken, "This run id belongs to a run of another kind or owner.");

    public static EventActivityBinder<RunState, CreateRun> RefuseWithDifferences(this EventActivityBinder<RunState, CreateRun> binder) =>
        binder.Then(context => context.Saga.Refuse(
            RefusalCodes.RequestDiffers,
            "A run with this id exists, and its request was another one.",
            CreateDecision.Differences(context.Saga.Run, context.Message)));

    public static EventActivityBinder<RunState, WaitRun> RefuseAsNotRunning(this EventActivityBinder<RunState, WaitRun> binder) =>
        binder.Refuse(RefusalCodes.RunNotRunning, "The run waits for something else.");

    public static EventActivityBinder<RunState, WaitRun> RefuseAsTooMany(this EventActivityBinder<RunState, WaitRun> binder) =>
        binder.Refuse(RefusalCodes.TooManyInputRequests, "The run has asked for as much input as one run may.");

    public static EventActivityBinder<RunState, T> RefuseAsUnknown<T>(this EventActivityBinder<RunState, T> binder)
        where T : class => binder.Refuse(RefusalCodes.RunNotFound, NoSuchRun);

    public static EventActivityBinder<RunState, T> RefuseAsEnded<T>(this EventActivityBinder<RunState, T> binder)
        where T : class => binder.Refuse(RefusalCodes.RunNotActive, "The run has ended.");

    public static EventActivityBinder<RunState, ResumeRun> RefuseResult(this EventActivityBinder<RunState, ResumeRun> binder) =>
        binder.Then(context =>
        {
            if (RunConditions.AnswerTo(context) is null)
            {
                context.Saga.Refuse(RefusalCodes.ToolResultNotWaiting, "The run does not wait for this tool call.");
            }
            else
            {
                context.Saga.Refuse(RefusalCodes.ToolResultConflict, "This tool call was already answered with another result.");
            }
        });

    /// <summary>Tells a sender who wants to know that there is no such run.</summary>
    public static Task ReplyThatThereIsNoRun<T>(ConsumeContext<T> context)
        where T : class
    {
        var (tenant, runId) = RunAddress.Of(context.Message);
        return context.ResponseAddress is null
            ? Task.CompletedTask
            : context.RespondAsync(new RunRefused { Tenant = tenant, RunId = runId, Code = RefusalCodes.RunNotFound, Detail = NoSuchRun });
    }

    private static void End(Run run, RunState state)
    {
        CloseInput(run, state.Now, InputRequestStatuses.Cancelled);
        EndWait(run);
        run.CompletedAt = state.Now;
        run.DurationMs = run.StartedAt is { } started ? (long)(state.Now - started).TotalMilliseconds : null;
        run.FinishedBy = state.MessageId;
        run.DueAt = null;
    }

    private static void CloseInput(Run run, DateTimeOffset now, string status, ResumeRun? answer = null)
    {
        if (run.InputRequests.Find(request => request.Status == InputRequestStatuses.Open) is { } open)
        {
            open.Status = status;
            open.ClosedAt = now;
            open.ActorType = answer?.Responder?.ActorType;
            open.ActorId = answer?.Responder?.ActorId;
            open.Values = answer is { IsError: false, Responder: not null } ? answer.Result : null;
        }
    }

    private static void EndWait(Run run) => run.WaitingReason = run.WaitingToolCallId = run.WaitingToolName = null;

    // A redelivery comes soon, or after very few other messages.
    private static void Remember(Run run, Guid messageId)
    {
        run.PausedBy.Add(messageId);
        run.PausedBy.RemoveRange(0, Math.Max(0, run.PausedBy.Count - MostRemembered));
    }

    private static DateTimeOffset? TimeoutFrom(Run run, DateTimeOffset now) =>
        run.TimeoutSeconds is { } seconds ? now.AddSeconds(seconds) : null;

    // The convention of process workers: 0 for success, 1 for anything else; agents have no process.
    private static int? ExitCodeFor(Run run, string outcome) =>
        run.Kind == RunKinds.Agent ? null : outcome == RunStatuses.Completed ? 0 : 1;

    private static EventActivityBinder<RunState, T> Change<T>(
        this EventActivityBinder<RunState, T> binder, Action<Run, BehaviorContext<RunState, T>> change)
        where T : class =>
        binder.Then(context =>
        {
            change(context.Saga.Run, context);
            context.Saga.Run.UpdatedAt = context.Saga.Now;
            context.Saga.Changed = true;
        });

    private static EventActivityBinder<RunState, T> Announce<T>(
        this EventActivityBinder<RunState, T> binder, Func<Run, DateTimeOffset, object> fact)
        where T : class => binder.Then(context => context.Saga.Announce(fact(context.Saga.Run, context.Saga.Now)));

    private static EventActivityBinder<RunState, T> Refuse<T>(this EventActivityBinder<RunState, T> binder, string code, string detail)
        where T : class => binder.Then(context => context.Saga.Refuse(code, detail));
}
