using System.Text;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>What the machine writes down of a run and tells of it: the mapping between messages and the stored run.</summary>
internal static class RunRecord
{
    /// <summary>The run that <paramref name="command"/> asks for, as it is first stored. Its status is the machine's to set.</summary>
    public static Run Of(RunState state, CreateRun command)
    {
        var request = state.Request!;
        var conversation = ConversationOf(state.CorrelationId, command);
        return new Run
        {
            Id = state.CorrelationId,
            Tenant = command.Tenant,
            RunId = command.RunId,
            Kind = command.Kind,
            Owner = command.Owner,
            ProjectId = command.Owner.Kind == OwnerKinds.Project ? command.Owner.Id : null,
            ConversationId = conversation,
            MessageId = conversation is null ? null : RunKey.Derive(state.CorrelationId, "message").ToString(),
            ParentRunId = command.ParentRunId,
            RootRunId = state.Parent?.RootRunId ?? command.RunId,
            Depth = CreateDecision.DepthBelow(state.Parent),
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
            CreatedBy = command.CreatedBy,
            CreatedAt = state.Now,
            UpdatedAt = state.Now,
            DueAt = state.VerdictOn(command) == Verdict.Reservation ? state.Now + state.ReservationLifetime : null,
            Request = request.Rest,
            RequestBytes = Encoding.UTF8.GetByteCount(command.Request.Text),
            AcceptedRequests = [new AcceptedRequest(state.MessageId, CreateDecision.FingerprintOf(command))],
            ChangedBy = state.Stored?.ChangedBy ?? [], // who cancelled it before it was created
        };
    }

    /// <summary>What is kept of a run that was called off before anybody asked for it.</summary>
    public static Run CalledOff(RunState state) => new()
    {
        Id = state.CorrelationId,
        Tenant = state.Address.Tenant,
        RunId = state.Address.RunId,
        Kind = "", // its create will tell
        Owner = new Owner { Kind = "", Id = "" },
        RootRunId = state.Address.RunId,
        CreatedAt = state.Now,
        UpdatedAt = state.Now,
        Request = new RawJson("{}"),
    };

    /// <summary>The form of a wait for an input.</summary>
    public static InputRequest InputRequestOf(Run run, WaitRun wait, InputForm form, DateTimeOffset now) => new()
    {
        Id = RunKey.Derive(run.Id, $"input-request/{wait.ToolCallId}"),
        ToolCallId = wait.ToolCallId!,
        Status = InputRequestStatuses.Open,
        RequestedResponderType = form.RequestedResponderType,
        Title = form.Title,
        Description = form.Description,
        Fields = form.Fields,
        Metadata = form.Metadata,
        CreatedAt = now,
        ExpiresAt = wait.ExpiresAt is { } expiry ? UtcMilliseconds.Truncate(expiry) : null,
    };

    /// <summary>The run as answers show it.</summary>
    public static RunSnapshot Snapshot(Run run, bool changed) => new()
    {
        Run = run.ToResource(),
        Changed = changed,
        ConversationId = run.ConversationId,
        MessageId = run.MessageId,
    };

    public static RunReserved Reserved(Run run, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        Target = run.Target,
        ParentRunId = run.ParentRunId,
        RootRunId = run.RootRunId,
        OccurredAt = now,
    };

    public static RunAccepted Accepted(Run run, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        Target = run.Target,
        ParentRunId = run.ParentRunId,
        RootRunId = run.RootRunId,
        ConversationId = run.ConversationId,
        MessageId = run.MessageId,
        ImplementationKind = run.ImplementationKind,
        WorkerKey = run.WorkerKey,
        Status = run.Status,
        OccurredAt = now,
    };

    public static RunStarted Started(Run run, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        OccurredAt = now,
    };

    public static RunWaiting WaitingSince(Run run, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        Reason = run.WaitingReason!,
        ToolCallId = run.WaitingToolCallId,
        ToolName = run.WaitingToolName,
        ExpiresAt = run.DueAt,
        OccurredAt = now,
    };

    public static RunResumed Resumed(Run run, ResumeRun answer, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        ToolCallId = answer.ToolCallId,
        Result = answer.Result,
        IsError = answer.IsError,
        OccurredAt = now,
    };

    public static RunFinished Finished(Run run, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        Status = run.Status,
        Error = run.Error,
        OccurredAt = now,
    };

    // The conversation that a run makes for itself, and the message that it writes, have ids that follow from the run: a repeat finds the same ones.
    private static string? ConversationOf(Guid key, CreateRun command) =>
        command.Owner.Kind == OwnerKinds.Conversation ? command.Owner.Id
        : command.ConversationMode == ConversationModes.CreateNew ? RunKey.Derive(key, "conversation").ToString()
        : command.ConversationId;
}
