using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Creates the replies and events that report the state of a run.</summary>
internal static class RunMessages
{
    /// <summary>Creates the reply with the current run.</summary>
    public static RunSnapshot CreateSnapshot(Run run, bool changed) => new()
    {
        Run = run.ToResource(),
        Changed = changed,
        ConversationId = run.ConversationId,
        MessageId = run.MessageId,
    };

    /// <summary>Creates the reply to the claim that holds the run.</summary>
    public static RunSnapshot CreateClaimSnapshot(Run run) => CreateSnapshot(run, changed: true) with { Claim = run.ToClaim() };

    /// <summary>Creates the reply that rejects a command for <paramref name="run"/>.</summary>
    public static RunRejected CreateRejection(RunReference run, string code, string detail) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Code = code,
        Detail = detail,
    };

    /// <summary>Creates the reply to a command whose run does not exist.</summary>
    public static RunRejected CreateNotFound(RunReference run) => CreateRejection(run, RejectionCodes.RunNotFound, "No such run.");

    public static RunReserved CreateRunReserved(Run run, DateTimeOffset now) => new()
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

    public static RunAccepted CreateRunAccepted(Run run, DateTimeOffset now) => new()
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

    public static RunStarted CreateRunStarted(Run run, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        Attempt = run.Attempt,
        WorkerId = run.LeaseOwner,
        OccurredAt = now,
    };

    public static RunReady CreateRunReady(Run run, string reason, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        Target = run.Target,
        ImplementationKind = run.ImplementationKind,
        WorkerKey = run.WorkerKey,
        AttemptNext = run.Attempt + 1,
        Reason = reason,
        OccurredAt = now,
    };

    public static RunAttemptStarted CreateRunAttemptStarted(Run run, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        Attempt = run.Attempt,
        WorkerId = run.LeaseOwner!,
        OccurredAt = now,
    };

    public static RunAttemptEnded CreateRunAttemptEnded(Run run, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        Attempt = run.Attempt,
        Outcome = run.Attempts[^1].Outcome!,
        Error = run.Attempts[^1].Error,
        RetryAt = run.Attempts[^1].RetryAt,
        OccurredAt = now,
    };

    public static RunWaiting CreateRunWaiting(Run run, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        Reason = run.WaitingReason!,
        ToolCallId = run.WaitingToolCallId,
        ToolName = run.WaitingToolName,
        ExpiresAt = run.WaitExpiresAt,
        OccurredAt = now,
    };

    public static RunResumed CreateRunResumed(Run run, ResumeRun command, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        ToolCallId = command.ToolCallId,
        Result = command.Result,
        IsError = command.IsError,
        OccurredAt = now,
    };

    public static RunFinished CreateRunFinished(Run run, DateTimeOffset now) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        Status = run.Status,
        Error = run.Error,
        Attempt = run.Attempt,
        ScheduleId = run.ScheduleId,
        OccurredAt = now,
    };
}
