using System.Text.Json;

namespace Runs.Contracts;

/// <summary>What a <see cref="CreateRun"/> must be, whoever sends it.</summary>
/// <remarks>
/// The HTTP API checks its bodies with these rules and the lifecycle every message, so other publishers may rely on neither being laxer. UUIDs are
/// compared as texts and have to come in lower case; only <see cref="CreateRun.CreatedBy"/> and the members of the request may have either case.
/// </remarks>
public static class CreateRunRules
{
    /// <summary>Whether the text may be a run's id: 1-128 of <c>A-Z a-z 0-9 _ . : -</c>, not starting with a dot or colon.</summary>
    public static bool IsRunId(string? id) => Limits.IsRunId(id);

    /// <summary>Everything that is wrong with the command, with pointers into the message, each once; empty when it is right.</summary>
    /// <param name="command">Members that a serializer left null, against their type, are reported like any other.</param>
    /// <param name="request">The request, read; of use only when nothing is wrong.</param>
    public static IReadOnlyList<InvalidMember> Check(CreateRun command, out RunRequest request) => Check(command, "run_id", out request);

    /// <summary>As above, for a body that calls the run's id <paramref name="runIdMember"/>.</summary>
    public static IReadOnlyList<InvalidMember> Check(CreateRun command, string runIdMember, out RunRequest request)
    {
        ArgumentNullException.ThrowIfNull(command);
        var errors = new List<InvalidMember>();
        CheckEnvelope(command, runIdMember, errors);
        request = RunRequestReader.Nothing;
        using var document = MessageJson.Read(command.Request, "/request", errors);
        if (document is not null && Limits.Contains(RunKinds.All, command.Kind))
        {
            request = RunRequestReader.Read(command.Kind, document.RootElement, "/request", errors);
        }

        return errors;
    }

    /// <summary>As above, for a request that has been parsed and whose text is well formed.</summary>
    internal static IReadOnlyList<InvalidMember> Check(CreateRun command, JsonElement parsedRequest, string runIdMember, out RunRequest request)
    {
        var errors = new List<InvalidMember>();
        CheckEnvelope(command, runIdMember, errors);
        request = Limits.Contains(RunKinds.All, command.Kind)
            ? RunRequestReader.Read(command.Kind, parsedRequest, "/request", errors)
            : RunRequestReader.Nothing; // what it should be depends on the kind
        return errors;
    }

    private static void CheckEnvelope(CreateRun command, string runIdMember, List<InvalidMember> errors)
    {
        errors.Check($"/{runIdMember}", Limits.RunId(command.RunId));
        errors.Check("/tenant", command.Tenant is null ? "is required." : Limits.Line(command.Tenant, Limits.Key));
        errors.Check("/kind", command.Kind is null ? "is required." : Limits.Member(command.Kind, RunKinds.All));
        CheckOwner(command, errors);
        errors.Check("/parent_run_id", command switch
        {
            { ParentRunId: null } => null,
            { ParentRunId: var parent, RunId: var self } when parent == self => "must not be the run itself.",
            _ => Limits.RunId(command.ParentRunId),
        });
        errors.Check("/trigger/conversation_id", Limits.LowerCaseUuid(command.Trigger?.ConversationId));
        errors.Check("/trigger/message_id", Limits.LowerCaseUuid(command.Trigger?.MessageId));
        errors.Check("/trigger/tool_call_id", Limits.Line(command.Trigger?.ToolCallId, Limits.Key));
        errors.Check("/conversation_mode", WrongMode(command));
        errors.Check("/conversation_id", WrongConversation(command));
        errors.Check("/created_by", Limits.Uuid(command.CreatedBy));
        errors.Check("/trigger_kind", Limits.Member(command.TriggerKind, TriggerKinds.All));
        errors.Check("/trigger_id", Limits.Line(command.TriggerId, Limits.Name));
        errors.Check("/schedule_id", Limits.LowerCaseUuid(command.ScheduleId));
        CommandRules.CheckActor(command.Actor, command.TraceId, errors);
    }

    private static void CheckOwner(CreateRun command, List<InvalidMember> errors)
    {
        if (command.Owner is not { } owner)
        {
            errors.Check("/owner", "is required.");
            return;
        }

        errors.Check("/owner/kind", owner.Kind switch
        {
            null => "is required.",
            OwnerKinds.Conversation when IsHeadless(command.Kind) => $"must be project for runs of kind {command.Kind}.",
            _ => Limits.Member(owner.Kind, OwnerKinds.All),
        });
        errors.Check("/owner/id", owner.Id is null ? "is required." : Limits.LowerCaseUuid(owner.Id));
    }

    private static string? WrongMode(CreateRun command) => command switch
    {
        { ConversationMode: null } => null,
        { Kind: var kind } when IsHeadless(kind) => "is allowed for agent runs only.",
        { Owner.Kind: OwnerKinds.Conversation, ConversationMode: ConversationModes.CreateNew or ConversationModes.None } =>
            "must be existing, or be left out, when the owner is a conversation.",
        _ => Limits.Member(command.ConversationMode, ConversationModes.All),
    };

    // A mode, kind or owner that is wrong itself has been complained about; what it was meant to be is not guessed.
    private static string? WrongConversation(CreateRun command) => command switch
    {
        { ConversationId: not null, Kind: var kind } when IsHeadless(kind) => "is allowed for agent runs only.",
        { ConversationId: null, ConversationMode: ConversationModes.Existing, Kind: RunKinds.Agent } => "is required with conversation_mode existing.",
        { ConversationId: { } conversation, Owner: { Kind: OwnerKinds.Conversation, Id: var owner } } when conversation != owner =>
            Limits.LowerCaseUuid(conversation) ?? "must be the owner's id when the owner is a conversation.",
        { ConversationId: { } conversation, Owner.Kind: OwnerKinds.Project, ConversationMode: null or ConversationModes.CreateNew or ConversationModes.None } =>
            Limits.LowerCaseUuid(conversation) ?? "is allowed with conversation_mode existing only.",
        _ => Limits.LowerCaseUuid(command.ConversationId),
    };

    // The known kinds that never have a conversation.
    private static bool IsHeadless(string? kind) => kind is RunKinds.Task or RunKinds.Workflow or RunKinds.Eval;
}
