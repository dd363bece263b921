using System.Text.Json;
using System.Text.Json.Nodes;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Decides the outcome of a create, including the rules for duplicates. Has no side effects.</summary>
internal static class CreateRunDecision
{
    private static readonly JsonDocumentOptions JsonOptions = new() { MaxDepth = FieldLimits.MaxMessageJsonDepth };

    /// <summary>The outcome of <paramref name="command"/>.</summary>
    /// <param name="run">The stored run with the command's id, or null.</param>
    /// <param name="command">The create.</param>
    /// <param name="messageContext">The parsed request, the parent and the limits.</param>
    public static CreateRunOutcome Decide(Run? run, CreateRun command, RunMessageContext messageContext) =>
        run is { Status: not Run.CancellationPending }
            ? DecideExisting(run, command, messageContext)
            : DecideNew(run, command, messageContext);

    private static CreateRunOutcome DecideNew(Run? pendingCancellation, CreateRun command, RunMessageContext messageContext)
    {
        if (command.ExpiresAt < messageContext.Now)
        {
            return CreateRunOutcome.Expired;
        }

        if (command.ParentRunId is not null && !IsVisibleParent(messageContext.Parent, command))
        {
            return CreateRunOutcome.ParentNotFound;
        }

        if (messageContext.HasCancelledAncestor)
        {
            return CreateRunOutcome.CancelledAncestor;
        }

        if (GetChildDepth(messageContext.Parent) > messageContext.MaxTreeDepth)
        {
            return CreateRunOutcome.TooDeep;
        }

        if (pendingCancellation is not null)
        {
            return CreateRunOutcome.AlreadyCancelled;
        }

        return messageContext.Request switch
        {
            { InitialStatus: RunStatuses.Running } => CreateRunOutcome.AlreadyRunning,
            { } request when IsReservation(command, request) || IsDelayed(request, messageContext) => CreateRunOutcome.NotReady,
            _ => CreateRunOutcome.AcceptedForExecution,
        };
    }

    private static CreateRunOutcome DecideExisting(Run run, CreateRun command, RunMessageContext messageContext)
    {
        if (run.Kind != command.Kind || run.Owner != command.Owner)
        {
            return CreateRunOutcome.IdConflict;
        }

        if (messageContext.MessageId is { } id && run.AcceptedRequests.Exists(accepted => accepted.MessageId == id))
        {
            return CreateRunOutcome.Redelivery;
        }

        if (run.IsReserved() && messageContext.Request is { Input: not null } start && start.AgentId == run.AgentId)
        {
            return IsDelayed(start, messageContext, run.StartAfter)
                ? CreateRunOutcome.DelayedReservationInput
                : CreateRunOutcome.ReservationInput;
        }

        return command.Strict && !run.AcceptedRequests.Exists(accepted => accepted.Fingerprint == ComputeFingerprint(command))
            ? CreateRunOutcome.RequestMismatch
            : CreateRunOutcome.Duplicate;
    }

    /// <summary>Whether a create reserves an agent run, whose input a second create adds.</summary>
    public static bool IsReservation(CreateRun command, RunRequest request) =>
        command.Kind == RunKinds.Agent && request is { Input: null, ImplementationKind: null, InitialStatus: RunStatuses.Pending };

    /// <summary>
    /// The number of ancestors of a child of <paramref name="parent"/>; null without a parent. Below a run without a
    /// stored depth, the count begins with that run.
    /// </summary>
    public static int? GetChildDepth(Run? parent) => parent is null ? null : (parent.Depth ?? (parent.ParentRunId is null ? 0 : 1)) + 1;

    private static bool IsDelayed(RunRequest request, RunMessageContext messageContext, DateTimeOffset? earlier = null) =>
        (RunFactory.GetStartAfter(request, messageContext.Now) ?? earlier) > messageContext.Now;

    // A parent of another project is reported as missing. The project of a conversation is not known here.
    private static bool IsVisibleParent(Run? parent, CreateRun command) =>
        parent is { Status: not Run.CancellationPending }
        && (parent.ProjectId is null || command.Owner.Kind != OwnerKinds.Project || parent.ProjectId == command.Owner.Id);

    /// <summary>
    /// SHA-256 of the canonical request (RFC 8785): all values that the caller chooses except the run id.
    /// </summary>
    public static string ComputeFingerprint(CreateRun command) => CanonicalJson.ComputeFingerprint(ToComparableJson(command));

    /// <summary>
    /// JSON Pointers to the members in which <paramref name="command"/> differs from the request that created the run.
    /// </summary>
    public static IReadOnlyList<string> FindDifferences(Run run, CreateRun command)
    {
        var stored = ToComparableJson(
            run.Kind, run.Owner, run.ParentRunId, run.Trigger, run.ConversationMode,
            run.ConversationMode == ConversationModes.Existing ? run.ConversationId : null, ReassembleRequest(run));
        return CanonicalJson.FindDifferences(stored, ToComparableJson(command));
    }

    private static JsonElement ToComparableJson(CreateRun command) => ToComparableJson(
        command.Kind, command.Owner, command.ParentRunId, command.Trigger, command.ConversationMode,
        command.ConversationMode == ConversationModes.Existing ? command.ConversationId : null, command.Request);

    // A conversation id contains more information than the owner only in the mode "existing".
    private static JsonElement ToComparableJson(
        string kind, Owner owner, string? parent, RunTrigger? trigger, string? mode, string? conversation, RawJson request)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(request.Text.Length + 256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WriteStartObject("owner");
            json.WriteString("kind", owner.Kind);
            json.WriteString("id", owner.Id);
            json.WriteEndObject();
            json.WriteStringIfPresent("parent_run_id", parent);
            json.WriteStringIfPresent("conversation_mode", mode);
            json.WriteStringIfPresent("conversation_id", conversation);
            if (trigger is { } value)
            {
                json.WriteStartObject("trigger");
                json.WriteStringIfPresent("conversation_id", value.ConversationId);
                json.WriteStringIfPresent("message_id", value.MessageId);
                json.WriteStringIfPresent("tool_call_id", value.ToolCallId);
                json.WriteEndObject();
            }

            json.WritePropertyName("request");
            json.WriteRawValue(request.Text, skipInputValidation: true);
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan, JsonOptions);
    }

    private static RawJson ReassembleRequest(Run run)
    {
        var request = (JsonObject)JsonNode.Parse(run.Request.Text, documentOptions: JsonOptions)!;
        Restore("input", run.Input);
        Restore("config", run.Config);
        return new RawJson(request.ToJsonString());

        void Restore(string name, RawJson? value)
        {
            if (value is { } json)
            {
                request[name] = JsonNode.Parse(json.Text, documentOptions: JsonOptions);
            }
        }
    }
}
