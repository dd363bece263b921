namespace Runs.Contracts;

/// <summary>
/// What the commands on existing runs must be, whoever sends them. Pointers are those of the message. Where the API names no limit, these are the
/// service's own.
/// </summary>
public static class CommandRules
{
    private const int MaxTraceId = 64;
    private const int MaxKeyPrefix = 64;
    private const int MaxNetworkAddress = 64;
    private const int MaxResultBytes = 64 * 1024;
    private const int MaxErrorMessage = 65_536;
    private const int MaxLogsBytes = 4 * 1024 * 1024;

    // With the largest request (9.5 MB), forms, tool results and the last events this stays below the 16 MiB that a stored document may have.
    private const int MaxOutcomeBytes = 5 * 1024 * 1024;

    /// <summary>Everything that is wrong with the command; empty when it is right.</summary>
    public static IReadOnlyList<InvalidMember> Check(StartRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = CheckAddress(command.Tenant, command.RunId, command.Actor, command.TraceId);
        if (command.Event is { } started)
        {
            using var read = MessageJson.Read(started, "/event", errors);
            if (read is not null)
            {
                RunEventRules.CheckStart(read.RootElement, "/event", errors);
            }
        }

        return errors;
    }

    /// <inheritdoc cref="Check(StartRun)"/>
    public static IReadOnlyList<InvalidMember> Check(CancelRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return CheckAddress(command.Tenant, command.RunId, command.Actor, command.TraceId);
    }

    /// <inheritdoc cref="Check(StartRun)"/>
    public static IReadOnlyList<InvalidMember> Check(WaitRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = CheckAddress(command.Tenant, command.RunId, command.Actor, command.TraceId);
        errors.Check("/reason", command.Reason is null ? "is required." : Limits.Member(command.Reason, WaitingReasons.All));
        errors.Check("/tool_call_id", command switch
        {
            { Reason: WaitingReasons.Tool, ToolCallId: null } => "is required with reason tool.",
            { InputRequest: not null, ToolCallId: null } => "is required with an input request.",
            _ => Limits.Line(command.ToolCallId, Limits.Name),
        });
        errors.Check("/tool_name", Limits.Line(command.ToolName, Limits.Name));
        if (command.InputRequest is { } form)
        {
            errors.Check("/reason", command.Reason is WaitingReasons.Input or null ? null : "must be input with an input request.");
            InputFormRules.Check(form, "/input_request", errors);
        }

        return errors;
    }

    /// <inheritdoc cref="Check(StartRun)"/>
    public static IReadOnlyList<InvalidMember> Check(ResumeRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = CheckAddress(command.Tenant, command.RunId, command.Actor, command.TraceId);
        errors.Check("/reason", Limits.Member(command.Reason, WaitingReasons.All));
        errors.Check("/tool_call_id", Limits.Line(command.ToolCallId, Limits.Name));
        using var result = MessageJson.Read(command.Result, "/result", errors);
        errors.Check(
            "/result",
            result is not null && Limits.IsLarger(command.Result, result.RootElement, MaxResultBytes) ? "must not be larger than 64 KB without white space, or 1 MB with it." : null);
        if (command.Responder is { } responder && result is not null)
        {
            InputFormRules.Check(command, responder, result.RootElement, errors);
        }

        return errors;
    }

    /// <inheritdoc cref="Check(StartRun)"/>
    public static IReadOnlyList<InvalidMember> Check(CompleteRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = CheckAddress(command.Tenant, command.RunId, command.Actor, command.TraceId);
        errors.Check("/status", command.Status is null ? "is required." : Limits.Member(command.Status, RunStatuses.Terminal));
        errors.CheckKind("/metadata", command.Metadata, '{', "an object or null");
        errors.CheckKind("/artifacts", command.Artifacts, '[', "an array or null");
        errors.CheckText("/metadata", command.Metadata);
        errors.CheckText("/artifacts", command.Artifacts);
        errors.CheckText("/output", command.Output);
        errors.Check("/terminal_error_code", command.TerminalErrorCode?.Length > Limits.Name ? $"must not be longer than {Limits.Name} characters." : null);
        errors.Check("/terminal_error_message", command.TerminalErrorMessage?.Length > MaxErrorMessage ? $"must not be longer than {MaxErrorMessage} characters." : null);
        errors.Check("/duration_ms", command.DurationMs < 0 ? "must be 0 or more." : null);
        var logs = Limits.Utf8Length(command.Logs);
        errors.Check("/logs", logs > MaxLogsBytes ? "must not be larger than 4 MB." : null);
        var size = (long)logs + Limits.Utf8Length(command.Output) + Limits.Utf8Length(command.Metadata)
            + Limits.Utf8Length(command.Artifacts) + Limits.Utf8Length(command.TerminalErrorMessage);
        errors.Check("", size > MaxOutcomeBytes ? "Output, logs, artifacts, metadata and error message together must not be larger than 5 MB." : null);
        return errors;
    }

    private static List<InvalidMember> CheckAddress(string? tenant, string? runId, Actor? actor, string? traceId)
    {
        var errors = new List<InvalidMember>();
        errors.Check("/tenant", tenant is null ? "is required." : Limits.Line(tenant, Limits.Key));
        errors.Check("/run_id", Limits.RunId(runId));
        CheckActor(actor, traceId, errors);
        return errors;
    }

    /// <summary>Notes what is wrong with who sends a command.</summary>
    internal static void CheckActor(Actor? actor, string? traceId, List<InvalidMember> errors)
    {
        errors.Check("/trace_id", Limits.Line(traceId, MaxTraceId));
        if (actor is null)
        {
            return;
        }

        errors.Check("/actor/type", actor.Type is null ? "is required." : Limits.Member(actor.Type, ActorTypes.All));
        errors.Check("/actor/id", Limits.Line(actor.Id, Limits.Name));
        errors.Check("/actor/key_prefix", Limits.Word(actor.KeyPrefix, MaxKeyPrefix, ""));
        errors.Check("/actor/address", Limits.Line(actor.Address, MaxNetworkAddress));
    }
}
