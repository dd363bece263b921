namespace Runs.Validation;

/// <summary>
/// Validates commands on existing runs, from the API and from other publishers. Error pointers refer to the message.
/// Where the API specifies no limit, the limits are the service's own.
/// </summary>
public static class CommandValidator
{
    private const int MaxTraceIdLength = 64;
    private const int MaxKeyPrefixLength = 64;
    private const int MaxNetworkAddressLength = 64;
    private const int MaxResultBytes = 64 * 1024;
    private const int MaxErrorMessageLength = 65_536;
    private const int MaxLogsBytes = 4 * 1024 * 1024;

    // Together with the largest request (9.5 MB), forms, tool results and the last events, this keeps a stored document
    // below its limit of 16 MiB.
    private const int MaxOutcomeBytes = 5 * 1024 * 1024;

    /// <summary>Returns every error of the command; empty when the command is valid.</summary>
    public static IReadOnlyList<ValidationError> Validate(StartRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = ValidateEnvelope(command.Tenant, command.RunId, command.Actor, command.TraceId);
        if (command.Event is { } started)
        {
            using var read = JsonValidation.Parse(started, "/event", errors);
            if (read is not null)
            {
                RunEventValidator.ValidateStart(read.RootElement, "/event", errors);
            }
        }

        return errors;
    }

    /// <inheritdoc cref="Validate(StartRun)"/>
    public static IReadOnlyList<ValidationError> Validate(CancelRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return ValidateEnvelope(command.Tenant, command.RunId, command.Actor, command.TraceId);
    }

    /// <inheritdoc cref="Validate(StartRun)"/>
    public static IReadOnlyList<ValidationError> Validate(WaitRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = ValidateEnvelope(command.Tenant, command.RunId, command.Actor, command.TraceId);
        errors.AddIfInvalid("/reason", command.Reason is null ? "is required." : FieldRules.CheckOneOf(command.Reason, WaitingReasons.All));
        errors.AddIfInvalid("/tool_call_id", command switch
        {
            { Reason: WaitingReasons.Tool, ToolCallId: null } => "is required with reason tool.",
            { InputRequest: not null, ToolCallId: null } => "is required with an input request.",
            _ => FieldRules.CheckSingleLine(command.ToolCallId, FieldRules.MaxNameLength),
        });
        errors.AddIfInvalid("/tool_name", FieldRules.CheckSingleLine(command.ToolName, FieldRules.MaxNameLength));
        if (command.InputRequest is { } form)
        {
            errors.AddIfInvalid("/reason", command.Reason is WaitingReasons.Input or null ? null : "must be input with an input request.");
            InputFormValidator.Validate(form, "/input_request", errors);
        }

        return errors;
    }

    /// <inheritdoc cref="Validate(StartRun)"/>
    public static IReadOnlyList<ValidationError> Validate(ResumeRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = ValidateEnvelope(command.Tenant, command.RunId, command.Actor, command.TraceId);
        errors.AddIfInvalid("/reason", FieldRules.CheckOneOf(command.Reason, WaitingReasons.All));
        errors.AddIfInvalid("/tool_call_id", FieldRules.CheckSingleLine(command.ToolCallId, FieldRules.MaxNameLength));
        using var result = JsonValidation.Parse(command.Result, "/result", errors);
        errors.AddIfInvalid(
            "/result",
            result is not null && FieldRules.ExceedsSize(command.Result, result.RootElement, MaxResultBytes) ? "must not be larger than 64 KB without white space, or 1 MB with it." : null);
        if (command.Responder is { } responder && result is not null)
        {
            InputFormValidator.Validate(command, responder, result.RootElement, errors);
        }

        return errors;
    }

    /// <inheritdoc cref="Validate(StartRun)"/>
    public static IReadOnlyList<ValidationError> Validate(CompleteRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = ValidateEnvelope(command.Tenant, command.RunId, command.Actor, command.TraceId);
        errors.AddIfInvalid("/status", command.Status is null ? "is required." : FieldRules.CheckOneOf(command.Status, RunStatuses.Terminal));
        errors.ValidateKind("/metadata", command.Metadata, '{', "an object or null");
        errors.ValidateKind("/artifacts", command.Artifacts, '[', "an array or null");
        errors.ValidateUnicode("/metadata", command.Metadata);
        errors.ValidateUnicode("/artifacts", command.Artifacts);
        errors.ValidateUnicode("/output", command.Output);
        errors.AddIfInvalid("/terminal_error_code", command.TerminalErrorCode?.Length > FieldRules.MaxNameLength ? $"must not be longer than {FieldRules.MaxNameLength} characters." : null);
        errors.AddIfInvalid("/terminal_error_message", command.TerminalErrorMessage?.Length > MaxErrorMessageLength ? $"must not be longer than {MaxErrorMessageLength} characters." : null);
        errors.AddIfInvalid("/duration_ms", command.DurationMs < 0 ? "must be 0 or more." : null);
        var logs = FieldRules.GetUtf8ByteCount(command.Logs);
        errors.AddIfInvalid("/logs", logs > MaxLogsBytes ? "must not be larger than 4 MB." : null);
        var size = (long)logs + FieldRules.GetUtf8ByteCount(command.Output) + FieldRules.GetUtf8ByteCount(command.Metadata)
            + FieldRules.GetUtf8ByteCount(command.Artifacts) + FieldRules.GetUtf8ByteCount(command.TerminalErrorMessage);
        errors.AddIfInvalid("", size > MaxOutcomeBytes ? "Output, logs, artifacts, metadata and error message together must not be larger than 5 MB." : null);
        return errors;
    }

    private static List<ValidationError> ValidateEnvelope(string? tenant, string? runId, Actor? actor, string? traceId)
    {
        var errors = new List<ValidationError>();
        errors.AddIfInvalid("/tenant", tenant is null ? "is required." : FieldRules.CheckSingleLine(tenant, FieldRules.MaxIdLength));
        errors.AddIfInvalid("/run_id", FieldRules.CheckRunId(runId));
        ValidateActor(actor, traceId, errors);
        return errors;
    }

    /// <summary>Adds the errors of a command's sender and trace id.</summary>
    internal static void ValidateActor(Actor? actor, string? traceId, List<ValidationError> errors)
    {
        errors.AddIfInvalid("/trace_id", FieldRules.CheckSingleLine(traceId, MaxTraceIdLength));
        if (actor is null)
        {
            return;
        }

        errors.AddIfInvalid("/actor/type", actor.Type is null ? "is required." : FieldRules.CheckOneOf(actor.Type, ActorTypes.All));
        errors.AddIfInvalid("/actor/id", FieldRules.CheckSingleLine(actor.Id, FieldRules.MaxNameLength));
        errors.AddIfInvalid("/actor/key_prefix", FieldRules.CheckToken(actor.KeyPrefix, MaxKeyPrefixLength, ""));
        errors.AddIfInvalid("/actor/address", FieldRules.CheckSingleLine(actor.Address, MaxNetworkAddressLength));
    }
}
