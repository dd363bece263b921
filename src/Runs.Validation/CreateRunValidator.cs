using System.Text.Json;

namespace Runs.Validation;

/// <summary>Validates <see cref="CreateRun"/>, from the API and from other publishers.</summary>
/// <remarks>
/// The HTTP API applies these rules to its bodies, and the lifecycle applies them to every message, so neither is laxer
/// than the other. UUIDs are compared as text and must be in lower case; only <see cref="CreateRun.CreatedBy"/> and the
/// members of the request may have either case.
/// </remarks>
internal static class CreateRunValidator
{
    /// <summary>
    /// Returns every error of the command once, with its pointer into the message; empty when the command is valid.
    /// </summary>
    /// <param name="command">
    /// The command. Members that a serializer left null although their type forbids it are reported as errors too.
    /// </param>
    /// <param name="request">The parsed request; usable only when there are no errors.</param>
    public static IReadOnlyList<ValidationError> Validate(CreateRun command, out RunRequest request) =>
        Validate(command, "run_id", out request);

    /// <summary>
    /// Validates a body in which the member for the run's id is named <paramref name="runIdMemberName"/>.
    /// </summary>
    public static IReadOnlyList<ValidationError> Validate(CreateRun command, string runIdMemberName, out RunRequest request)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = new List<ValidationError>();
        ValidateEnvelope(command, runIdMemberName, errors);
        request = RunRequestParser.Empty;
        using var document = JsonValidation.Parse(command.Request, "/request", errors);
        if (document is not null && FieldRules.Contains(RunKinds.All, command.Kind))
        {
            request = RunRequestParser.Parse(command.Kind, document.RootElement, "/request", errors);
        }

        return errors;
    }

    /// <summary>Validates a command whose request is already parsed and is well-formed Unicode.</summary>
    internal static IReadOnlyList<ValidationError> Validate(
        CreateRun command, JsonElement parsedRequest, string runIdMemberName, out RunRequest request)
    {
        var errors = new List<ValidationError>();
        ValidateEnvelope(command, runIdMemberName, errors);
        request = FieldRules.Contains(RunKinds.All, command.Kind)
            ? RunRequestParser.Parse(command.Kind, parsedRequest, "/request", errors)
            : RunRequestParser.Empty; // the rules for a request depend on its kind
        return errors;
    }

    private static void ValidateEnvelope(CreateRun command, string runIdMemberName, List<ValidationError> errors)
    {
        errors.AddIfInvalid($"/{runIdMemberName}", FieldRules.CheckRunId(command.RunId));
        errors.AddIfInvalid(
            "/tenant",
            FieldRules.CheckRequired(command.Tenant) ?? FieldRules.CheckSingleLine(command.Tenant, FieldLimits.MaxIdLength));
        errors.AddIfInvalid("/kind", FieldRules.CheckRequired(command.Kind) ?? FieldRules.CheckOneOf(command.Kind, RunKinds.All));
        ValidateOwner(command, errors);
        errors.AddIfInvalid("/parent_run_id", command switch
        {
            { ParentRunId: null } => null,
            { ParentRunId: var parent, RunId: var self } when parent == self => "must not be the run itself.",
            _ => FieldRules.CheckRunId(command.ParentRunId),
        });
        errors.AddIfInvalid("/trigger/conversation_id", FieldRules.CheckLowerCaseUuid(command.Trigger?.ConversationId));
        errors.AddIfInvalid("/trigger/message_id", FieldRules.CheckLowerCaseUuid(command.Trigger?.MessageId));
        errors.AddIfInvalid("/trigger/tool_call_id", FieldRules.CheckSingleLine(command.Trigger?.ToolCallId, FieldLimits.MaxIdLength));
        errors.AddIfInvalid("/conversation_mode", CheckConversationMode(command));
        errors.AddIfInvalid("/conversation_id", CheckConversationId(command));
        errors.AddIfInvalid("/created_by", FieldRules.CheckUuid(command.CreatedBy));
        errors.AddIfInvalid("/trigger_kind", FieldRules.CheckOneOf(command.TriggerKind, TriggerKinds.All));
        errors.AddIfInvalid("/trigger_id", FieldRules.CheckSingleLine(command.TriggerId, FieldLimits.MaxNameLength));
        errors.AddIfInvalid("/schedule_id", FieldRules.CheckLowerCaseUuid(command.ScheduleId));
        CommandValidator.ValidateActor(command.Actor, command.TraceId, errors);
        errors.AddIfInvalid("/trace_parent", FieldRules.CheckTraceParent(command.TraceParent));
    }

    private static void ValidateOwner(CreateRun command, List<ValidationError> errors)
    {
        if (command.Owner is not { } owner)
        {
            errors.AddIfInvalid("/owner", "is required.");
            return;
        }

        errors.AddIfInvalid("/owner/kind", owner.Kind switch
        {
            null => "is required.",
            OwnerKinds.Conversation when IsHeadless(command.Kind) => $"must be project for runs of kind {command.Kind}.",
            _ => FieldRules.CheckOneOf(owner.Kind, OwnerKinds.All),
        });
        errors.AddIfInvalid("/owner/id", FieldRules.CheckRequired(owner.Id) ?? FieldRules.CheckLowerCaseUuid(owner.Id));
    }

    private static string? CheckConversationMode(CreateRun command) => command switch
    {
        { ConversationMode: null } => null,
        { Kind: var kind } when IsHeadless(kind) => "is allowed for agent runs only.",
        { Owner.Kind: OwnerKinds.Conversation, ConversationMode: ConversationModes.CreateNew or ConversationModes.None } =>
            "must be existing, or be left out, when the owner is a conversation.",
        _ => FieldRules.CheckOneOf(command.ConversationMode, ConversationModes.All),
    };

    // An invalid mode, kind or owner has its own error already; the intended value is not guessed.
    private static string? CheckConversationId(CreateRun command) => command switch
    {
        { ConversationId: not null, Kind: var kind } when IsHeadless(kind) => "is allowed for agent runs only.",
        { ConversationId: null, ConversationMode: ConversationModes.Existing, Kind: RunKinds.Agent } =>
            "is required with conversation_mode existing.",
        { ConversationId: { } conversation, Owner: { Kind: OwnerKinds.Conversation, Id: var owner } } when conversation != owner =>
            FieldRules.CheckLowerCaseUuid(conversation) ?? "must be the owner's id when the owner is a conversation.",
        {
            ConversationId: { } conversation,
            Owner.Kind: OwnerKinds.Project,
            ConversationMode: null or ConversationModes.CreateNew or ConversationModes.None,
        } =>
            FieldRules.CheckLowerCaseUuid(conversation) ?? "is allowed with conversation_mode existing only.",
        _ => FieldRules.CheckLowerCaseUuid(command.ConversationId),
    };

    // The known kinds of runs that never have a conversation.
    private static bool IsHeadless(string? kind) => kind is RunKinds.Task or RunKinds.Workflow or RunKinds.Eval;
}
