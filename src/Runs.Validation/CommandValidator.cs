namespace Runs.Validation;

/// <summary>
/// Validates commands on existing runs, from the API and from other publishers. Error pointers refer to the message.
/// Where the API specifies no limit, the limits are the service's own.
/// </summary>
internal static class CommandValidator
{
    private static readonly string LogsTooLargeDetail = $"must not be larger than {FieldLimits.MaxLogsBytes / ByteSize.MiB} MB.";

    private static readonly string OutcomeTooLargeDetail =
        "Output, logs, artifacts, metadata and error message together must not be larger than "
        + $"{FieldLimits.MaxOutcomeBytes / ByteSize.MiB} MB.";

    /// <summary>Returns every error of the command; empty when the command is valid.</summary>
    public static IReadOnlyList<ValidationError> Validate(StartRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = ValidateEnvelope(command.Tenant, command.RunId, command.Actor, command.TraceId);
        if (command.Event is { } started)
        {
            using var parsed = JsonValidation.Parse(started, "/event", errors);
            if (parsed is not null)
            {
                RunEventValidator.ValidateStart(parsed.RootElement, "/event", errors);
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
    public static IReadOnlyList<ValidationError> Validate(ClaimRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = ValidateEnvelope(command.Tenant, command.RunId, command.Actor, command.TraceId);
        errors.AddIfInvalid("/claim_id", FieldRules.CheckRequired(command.ClaimId) ?? FieldRules.CheckLowerCaseUuid(command.ClaimId));
        errors.AddIfInvalid(
            "/worker_id",
            FieldRules.CheckRequired(command.WorkerId) ?? FieldRules.CheckSingleLine(command.WorkerId, FieldLimits.MaxIdLength));
        errors.AddIfInvalid("/instance_id", FieldRules.CheckSingleLine(command.InstanceId, FieldLimits.MaxIdLength));
        errors.AddIfInvalid("/worker_key", FieldRules.CheckSingleLine(command.WorkerKey, FieldLimits.MaxIdLength));
        errors.AddIfInvalid("/pool", FieldRules.CheckSingleLine(command.Pool, FieldLimits.MaxPoolLength));
        errors.AddIfInvalid(
            "/lease_seconds", FieldRules.CheckRange(command.LeaseSeconds, FieldLimits.MinLeaseSeconds, FieldLimits.MaxLeaseSeconds));
        return errors;
    }

    /// <inheritdoc cref="Validate(StartRun)"/>
    public static IReadOnlyList<ValidationError> Validate(RenewLease command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = ValidateEnvelope(command.Tenant, command.RunId, command.Actor, command.TraceId);
        errors.AddIfInvalid(
            "/worker_id",
            FieldRules.CheckRequired(command.WorkerId) ?? FieldRules.CheckSingleLine(command.WorkerId, FieldLimits.MaxIdLength));
        errors.AddIfInvalid("/attempt", CheckAttempt(command.Attempt));
        errors.AddIfInvalid(
            "/lease_seconds", FieldRules.CheckRange(command.LeaseSeconds, FieldLimits.MinLeaseSeconds, FieldLimits.MaxLeaseSeconds));
        return errors;
    }

    /// <inheritdoc cref="Validate(StartRun)"/>
    public static IReadOnlyList<ValidationError> Validate(ReleaseRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = ValidateEnvelope(command.Tenant, command.RunId, command.Actor, command.TraceId);
        errors.AddIfInvalid("/attempt", CheckAttempt(command.Attempt));
        errors.AddIfInvalid(
            "/reason", FieldRules.CheckRequired(command.Reason) ?? FieldRules.CheckOneOf(command.Reason, ReleaseReasons.All));
        return errors;
    }

    /// <inheritdoc cref="Validate(StartRun)"/>
    public static IReadOnlyList<ValidationError> Validate(WaitRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = ValidateEnvelope(command.Tenant, command.RunId, command.Actor, command.TraceId);
        errors.AddIfInvalid(
            "/reason", FieldRules.CheckRequired(command.Reason) ?? FieldRules.CheckOneOf(command.Reason, WaitingReasons.All));
        errors.AddIfInvalid("/tool_call_id", command switch
        {
            { Reason: WaitingReasons.Tool, ToolCallId: null } => "is required with reason tool.",
            { InputRequest: not null, ToolCallId: null } => "is required with an input request.",
            _ => FieldRules.CheckSingleLine(command.ToolCallId, FieldLimits.MaxNameLength),
        });
        errors.AddIfInvalid("/tool_name", FieldRules.CheckSingleLine(command.ToolName, FieldLimits.MaxNameLength));
        errors.AddIfInvalid("/attempt", CheckAttempt(command.Attempt));
        errors.AddIfInvalid("/release", command is { Release: true, Attempt: null } ? "is allowed with an attempt only." : null);
        if (command.InputRequest is { } form)
        {
            errors.AddIfInvalid(
                "/reason", command.Reason is WaitingReasons.Input or null ? null : "must be input with an input request.");
            InputFormValidator.ValidateForm(form, "/input_request", errors);
        }

        return errors;
    }

    /// <inheritdoc cref="Validate(StartRun)"/>
    public static IReadOnlyList<ValidationError> Validate(ResumeRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = ValidateEnvelope(command.Tenant, command.RunId, command.Actor, command.TraceId);
        errors.AddIfInvalid("/reason", FieldRules.CheckOneOf(command.Reason, WaitingReasons.All));
        errors.AddIfInvalid("/tool_call_id", FieldRules.CheckSingleLine(command.ToolCallId, FieldLimits.MaxNameLength));
        using var result = JsonValidation.Parse(command.Result, "/result", errors);
        if (result is null)
        {
            return errors;
        }

        errors.AddIfInvalid("/result", FieldRules.CheckSize(command.Result, result.RootElement, FieldLimits.MaxResultBytes));
        if (command.Responder is { } responder)
        {
            InputFormValidator.ValidateResponse(command, responder, result.RootElement, errors);
        }

        return errors;
    }

    /// <inheritdoc cref="Validate(StartRun)"/>
    public static IReadOnlyList<ValidationError> Validate(CompleteRun command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = ValidateEnvelope(command.Tenant, command.RunId, command.Actor, command.TraceId);
        errors.AddIfInvalid(
            "/status", FieldRules.CheckRequired(command.Status) ?? FieldRules.CheckOneOf(command.Status, RunStatuses.Terminal));
        errors.ValidateKind("/metadata", command.Metadata, '{', "an object or null");
        errors.ValidateKind("/artifacts", command.Artifacts, '[', "an array or null");
        errors.ValidateUnicode("/metadata", command.Metadata);
        errors.ValidateUnicode("/artifacts", command.Artifacts);
        errors.ValidateUnicode("/output", command.Output);
        errors.AddIfInvalid("/terminal_error_code", FieldRules.CheckLength(command.TerminalErrorCode, FieldLimits.MaxNameLength));
        errors.AddIfInvalid(
            "/terminal_error_message", FieldRules.CheckLength(command.TerminalErrorMessage, FieldLimits.MaxErrorMessageLength));
        errors.AddIfInvalid(
            "/duration_ms", command.DurationMs < FieldLimits.MinDurationMs ? $"must be {FieldLimits.MinDurationMs} or more." : null);
        errors.AddIfInvalid("/attempt", CheckAttempt(command.Attempt));
        errors.AddIfInvalid("/retry_after_seconds", FieldRules.CheckRange(command.RetryAfterSeconds, 0, FieldLimits.MaxRetryAfterSeconds));
        var logs = FieldRules.GetUtf8ByteCount(command.Logs);
        errors.AddIfInvalid("/logs", logs > FieldLimits.MaxLogsBytes ? LogsTooLargeDetail : null);
        var size = (long)logs + FieldRules.GetUtf8ByteCount(command.Output) + FieldRules.GetUtf8ByteCount(command.Metadata)
            + FieldRules.GetUtf8ByteCount(command.Artifacts) + FieldRules.GetUtf8ByteCount(command.TerminalErrorMessage);
        errors.AddIfInvalid("", size > FieldLimits.MaxOutcomeBytes ? OutcomeTooLargeDetail : null);
        return errors;
    }

    private static string? CheckAttempt(int? attempt) => FieldRules.CheckRange(attempt, FieldLimits.MinAttempt, int.MaxValue);

    private static List<ValidationError> ValidateEnvelope(string? tenant, string? runId, Actor? actor, string? traceId)
    {
        var errors = new List<ValidationError>();
        errors.AddIfInvalid(
            "/tenant", FieldRules.CheckRequired(tenant) ?? FieldRules.CheckSingleLine(tenant, FieldLimits.MaxIdLength));
        errors.AddIfInvalid("/run_id", FieldRules.CheckRunId(runId));
        ValidateActor(actor, traceId, errors);
        return errors;
    }

    /// <summary>Adds the errors of a command's sender and trace id.</summary>
    internal static void ValidateActor(Actor? actor, string? traceId, List<ValidationError> errors)
    {
        errors.AddIfInvalid("/trace_id", FieldRules.CheckSingleLine(traceId, FieldLimits.MaxTraceIdLength));
        if (actor is null)
        {
            return;
        }

        errors.AddIfInvalid(
            "/actor/type", FieldRules.CheckRequired(actor.Type) ?? FieldRules.CheckOneOf(actor.Type, ActorTypes.All));
        errors.AddIfInvalid("/actor/id", FieldRules.CheckSingleLine(actor.Id, FieldLimits.MaxNameLength));
        errors.AddIfInvalid(
            "/actor/key_prefix", FieldRules.CheckToken(actor.KeyPrefix, FieldLimits.MaxKeyPrefixLength, extraCharacters: ""));
        errors.AddIfInvalid("/actor/address", FieldRules.CheckSingleLine(actor.Address, FieldLimits.MaxNetworkAddressLength));
    }
}
