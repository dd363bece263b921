using System.Text;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Creates stored objects from messages.</summary>
internal static class RunFactory
{
    /// <summary>The run that <paramref name="command"/> creates. The state machine sets its status.</summary>
    public static Run Create(RunSaga saga, CreateRun command, RunMessageContext messageContext)
    {
        var request = messageContext.Request!;
        var startAfter = GetStartAfter(request, messageContext.Now);
        var conversation = GetConversationId(saga.CorrelationId, command);
        return new Run
        {
            Id = saga.CorrelationId,
            Tenant = command.Tenant,
            RunId = command.RunId,
            Kind = command.Kind,
            Owner = command.Owner,
            ProjectId = command.Owner.Kind == OwnerKinds.Project ? command.Owner.Id : null,
            ConversationId = conversation,
            MessageId = conversation is null ? null : RunIds.Derive(saga.CorrelationId, "message").ToString(),
            ParentRunId = command.ParentRunId,
            RootRunId = messageContext.Parent?.RootRunId ?? command.RunId,
            Depth = CreateRunDecision.GetChildDepth(messageContext.Parent),
            Trigger = command.Trigger,
            ConversationMode = command.ConversationMode,
            Target = request.Target,
            AgentId = request.AgentId,
            WorkflowId = request.WorkflowId,
            Name = request.Name,
            BatchId = request.BatchId,
            ScheduleId = command.ScheduleId,
            ImplementationKind = request.ImplementationKind,
            WorkerKey = request.WorkerKey,
            SourceTargetKind = request.SourceTargetKind,
            SourceTargetEnvironmentId = request.SourceTargetEnvironmentId,
            SourceTargetBranchId = request.SourceTargetBranchId,
            SourceTargetReleaseVersion = request.SourceTargetReleaseVersion,
            RuntimeTargetKind = request.RuntimeTargetKind,
            RuntimeTargetEnvironmentId = request.RuntimeTargetEnvironmentId,
            RuntimeTargetBranchId = request.RuntimeTargetBranchId,
            Input = request.Input,
            Config = request.Config,
            StartMode = request.StartMode,
            TimeoutSeconds = request.TimeoutSeconds,
            BackoffLimit = request.BackoffLimit,
            TriggerKind = command.TriggerKind ?? TriggerKinds.Api,
            TriggerId = command.TriggerId,
            TraceParent = command.TraceParent,
            CreatedBy = command.CreatedBy,
            CreatedAt = messageContext.Now,
            UpdatedAt = messageContext.Now,
            Priority = request.Priority ?? 0,
            StartAfter = startAfter,
            StartWithinSeconds = request.StartWithinSeconds,
            StartBefore = GetStartBefore(request.StartWithinSeconds, startAfter, messageContext.Now)
                ?? (CreateRunDecision.IsReservation(command, request) ? messageContext.Now + messageContext.ReservationLifetime : null),
            Request = request.RemainingMembers,
            RequestBytes = Encoding.UTF8.GetByteCount(command.Request.Text),
            AcceptedRequests = [CreateAcceptedRequest(command, messageContext)],
            Changes = saga.RunOrNull?.Changes ?? [], // a cancel may have arrived before the create
        };
    }

    /// <summary>The time before which a request is not executed; null when it names none.</summary>
    public static DateTimeOffset? GetStartAfter(RunRequest request, DateTimeOffset now) =>
        request.DelaySeconds is { } seconds ? now.AddSeconds(seconds) : request.StartAfter?.TruncateToMilliseconds();

    /// <summary>
    /// The time at which the run fails if it has not begun; null without a limit. It counts from the moment at which
    /// the run may begin.
    /// </summary>
    public static DateTimeOffset? GetStartBefore(int? startWithinSeconds, DateTimeOffset? startAfter, DateTimeOffset now) =>
        startWithinSeconds is { } seconds ? (startAfter > now ? startAfter.Value : now).AddSeconds(seconds) : null;

    /// <summary>The record of a create that was accepted.</summary>
    public static AcceptedRequest CreateAcceptedRequest(CreateRun command, RunMessageContext messageContext) =>
        new(messageContext.MessageId ?? Guid.Empty, CreateRunDecision.ComputeFingerprint(command));

    /// <summary>The placeholder of a run whose cancel arrived before its create.</summary>
    public static Run CreateCancellationPending(Guid correlationId, RunMessageContext messageContext) => new()
    {
        Id = correlationId,
        Tenant = messageContext.Reference.Tenant,
        RunId = messageContext.Reference.RunId,
        Kind = "", // unknown until the create arrives
        Owner = new Owner { Kind = "", Id = "" },
        RootRunId = messageContext.Reference.RunId,
        CreatedAt = messageContext.Now,
        UpdatedAt = messageContext.Now,
        Request = new RawJson("{}"),
    };

    /// <summary>The input request that a wait opens.</summary>
    public static InputRequest CreateInputRequest(Run run, WaitRun wait, InputForm form, DateTimeOffset now) => new()
    {
        Id = RunIds.Derive(run.Id, GetInputRequestName(run, wait)),
        ToolCallId = wait.ToolCallId!,
        Status = InputRequestStatuses.Open,
        RequestedResponderType = form.RequestedResponderType,
        Title = form.Title,
        Description = form.Description,
        Fields = form.Fields,
        Metadata = form.Metadata,
        CreatedAt = now,
        ExpiresAt = wait.ExpiresAt?.TruncateToMilliseconds(),
    };

    // A later attempt may request the form of a failed one again. A response to the first one must not answer it.
    private static string GetInputRequestName(Run run, WaitRun wait) =>
        run.InputRequests.Exists(request => request.ToolCallId == wait.ToolCallId)
            ? $"input-request/{wait.ToolCallId}/{run.Attempt}"
            : $"input-request/{wait.ToolCallId}";

    /// <summary>The error of a run that its executor reported as failed.</summary>
    public static RunError CreateError(CompleteRun outcome) => new()
    {
        Message = string.IsNullOrWhiteSpace(outcome.TerminalErrorMessage) ? "The run failed." : outcome.TerminalErrorMessage,
        Code = string.IsNullOrWhiteSpace(outcome.TerminalErrorCode) ? null : outcome.TerminalErrorCode,
    };

    /// <summary>The error of a run that is due in its current status.</summary>
    public static RunError CreateTimeoutError(Run run) => run.Status switch
    {
        RunStatuses.Pending when run.IsReserved() =>
            new RunError { Code = "RESERVATION_EXPIRED", Message = "The reserved run was never started." },
        RunStatuses.Pending => new RunError { Code = "START_EXPIRED", Message = "No worker began to execute the run in time." },
        RunStatuses.Waiting => new RunError
        {
            Code = "WAIT_EXPIRED",
            Message = $"What the run waited for ({run.WaitingReason}) did not arrive in time.",
        },
        _ => new RunError { Code = "TIMEOUT", Message = $"The run took longer than its {run.TimeoutSeconds} seconds." },
    };

    // The ids of a new conversation and its message are derived from the run, so that a duplicate create gets the same
    // ones.
    private static string? GetConversationId(Guid correlationId, CreateRun command) =>
        command.Owner.Kind == OwnerKinds.Conversation ? command.Owner.Id
        : command.ConversationMode == ConversationModes.CreateNew ? RunIds.Derive(correlationId, "conversation").ToString()
        : command.ConversationId;
}
