using System.Text.Json;
using System.Text.Json.Nodes;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>What a <see cref="CreateRun"/> is to the run that its id names.</summary>
internal enum Verdict
{
    /// <summary>The caller has given up; nothing is created.</summary>
    TooLate,

    /// <summary>There is no such parent in sight; nothing is created.</summary>
    UnknownParent,

    /// <summary>The parent was cancelled, or a run above it; nothing is created.</summary>
    CancelledAncestor,

    /// <summary>The parent is on the lowest level that a tree may have; nothing is created.</summary>
    TooDeep,

    /// <summary>A new pending agent run without input: it waits for its start.</summary>
    Reservation,

    /// <summary>A new pending run: it is to be executed.</summary>
    ForExecution,

    /// <summary>A new run that its creator executes.</summary>
    AlreadyRunning,

    /// <summary>A new run whose cancel came first: it is cancelled as it is stored.</summary>
    CalledOff,

    /// <summary>The input of a reserved run has come.</summary>
    StartOfReservation,

    /// <summary>The very message that made the run what it is: its first delivery was not answered, or not acknowledged.</summary>
    Redelivery,

    /// <summary>The run exists; this call makes nothing.</summary>
    Repeat,

    /// <summary>The run exists, its request was another one, and the caller wants to be told.</summary>
    DifferentRequest,

    /// <summary>The run id belongs to a run of another kind or owner.</summary>
    TakenByAnother,
}

/// <summary>Decides what a create is: the rules of duplicates, in one place and without effects.</summary>
internal static class CreateDecision
{
    /// <summary>The verdict on <paramref name="command"/>, from the message, the stored run and the parent alone.</summary>
    public static Verdict On(RunState state, CreateRun command) =>
        state.Stored is { Status: not Run.CalledOff } run ? OnExisting(run, state, command) : OnNew(state, command);

    private static Verdict OnNew(RunState state, CreateRun command)
    {
        if (command.ExpiresAt < state.Now)
        {
            return Verdict.TooLate;
        }

        if (command.ParentRunId is not null && !IsVisibleParent(state.Parent, command))
        {
            return Verdict.UnknownParent;
        }

        if (state.HasCancelledAncestor)
        {
            return Verdict.CancelledAncestor;
        }

        if (DepthBelow(state.Parent) > state.MaxTreeDepth)
        {
            return Verdict.TooDeep;
        }

        return state.Request switch
        {
            _ when state.Stored is not null => Verdict.CalledOff,
            { InitialStatus: RunStatuses.Running } => Verdict.AlreadyRunning,
            { Input: null, ImplementationKind: null } when command.Kind == RunKinds.Agent => Verdict.Reservation,
            _ => Verdict.ForExecution,
        };
    }

    private static Verdict OnExisting(Run run, RunState state, CreateRun command)
    {
        if (run.Kind != command.Kind || run.Owner != command.Owner)
        {
            return Verdict.TakenByAnother;
        }

        if (state.MessageId != Guid.Empty && run.AcceptedRequests.Exists(accepted => accepted.MessageId == state.MessageId))
        {
            return Verdict.Redelivery;
        }

        if (IsReserved(run) && state.Request is { Input: not null } start && start.AgentId == run.AgentId)
        {
            return Verdict.StartOfReservation;
        }

        return command.Strict && !run.AcceptedRequests.Exists(accepted => accepted.Fingerprint == FingerprintOf(command))
            ? Verdict.DifferentRequest
            : Verdict.Repeat;
    }

    /// <summary>Whether the run is a pending agent run that waits for its start.</summary>
    public static bool IsReserved(Run run) =>
        run is { Kind: RunKinds.Agent, Status: RunStatuses.Pending, Input: null, ImplementationKind: null };

    /// <summary>How many runs are above a child of <paramref name="parent"/>; null without one. Below a run that was not counted, the count begins with it.</summary>
    public static int? DepthBelow(Run? parent) => parent is null ? null : (parent.Depth ?? (parent.ParentRunId is null ? 0 : 1)) + 1;

    // A parent of another project is as unknown as one that does not exist; a conversation's project is not known here.
    private static bool IsVisibleParent(Run? parent, CreateRun command) =>
        parent is { Status: not Run.CalledOff }
        && (parent.ProjectId is null || command.Owner.Kind != OwnerKinds.Project || parent.ProjectId == command.Owner.Id);

    /// <summary>SHA-256 of the canonical request (RFC 8785): everything that the caller decides but for the run id.</summary>
    public static string FingerprintOf(CreateRun command) => CanonicalJson.Fingerprint(Comparable(command));

    /// <summary>JSON Pointers to the members in which <paramref name="command"/> differs from what made the run.</summary>
    public static IReadOnlyList<string> Differences(Run run, CreateRun command)
    {
        var stored = Comparable(
            run.Kind, run.Owner, run.ParentRunId, run.Trigger, run.ConversationMode,
            run.ConversationMode == ConversationModes.Existing ? run.ConversationId : null, WholeRequest(run));
        return CanonicalJson.Differences(stored, Comparable(command));
    }

    private static JsonElement Comparable(CreateRun command) => Comparable(
        command.Kind, command.Owner, command.ParentRunId, command.Trigger, command.ConversationMode,
        command.ConversationMode == ConversationModes.Existing ? command.ConversationId : null, command.Request);

    // A conversation id says nothing of its own unless the mode is "existing": elsewhere it repeats the owner's.
    private static JsonElement Comparable(
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
            WriteIfPresent(json, "parent_run_id", parent);
            WriteIfPresent(json, "conversation_mode", mode);
            WriteIfPresent(json, "conversation_id", conversation);
            if (trigger is { } spawned)
            {
                json.WriteStartObject("trigger");
                WriteIfPresent(json, "conversation_id", spawned.ConversationId);
                WriteIfPresent(json, "message_id", spawned.MessageId);
                WriteIfPresent(json, "tool_call_id", spawned.ToolCallId);
                json.WriteEndObject();
            }

            json.WritePropertyName("request");
            json.WriteRawValue(request.Text, skipInputValidation: true);
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan, new JsonDocumentOptions { MaxDepth = 128 });
    }

    private static void WriteIfPresent(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static RawJson WholeRequest(Run run)
    {
        var request = (JsonObject)JsonNode.Parse(run.Request.Text, documentOptions: new JsonDocumentOptions { MaxDepth = 128 })!;
        Restore("input", run.Input);
        Restore("config", run.Config);
        return new RawJson(request.ToJsonString());

        void Restore(string name, RawJson? value)
        {
            if (value is { } json)
            {
                request[name] = JsonNode.Parse(json.Text, documentOptions: new JsonDocumentOptions { MaxDepth = 128 });
            }
        }
    }
}
