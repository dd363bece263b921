using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Runs.Api.Events;
using Runs.Api.InputRequests;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api;

/// <summary>
/// What the types of bodies do not say: which texts are enumerations, UUIDs or times, what a <see cref="RawJson"/> may hold, and that an answer has all
/// its members always.
/// </summary>
internal sealed class OpenApiSchemas : IOpenApiSchemaTransformer
{
    private const JsonSchemaType Scalar = JsonSchemaType.String | JsonSchemaType.Number | JsonSchemaType.Boolean | JsonSchemaType.Null;

    private static readonly string[] RuntimeTargets = ["main_branch", "environment", "preview_branch"];
    private static readonly string[] SourceTargets = ["project", "environment", "preview_branch", "release", "main_branch"];

    private static readonly Dictionary<(Type, string), (IReadOnlyList<string> Members, string? Description)> Enumerations = new()
    {
        [(typeof(Owner), "kind")] = (OwnerKinds.All, "What kind of owner. Only agent runs belong to conversations."),
        [(typeof(RunResource), "kind")] = (RunKinds.All, "What the run executes."),
        [(typeof(RunResource), "status")] = (RunStatuses.All, "Where the run is in its life. `completed`, `failed` and `cancelled` are final."),
        [(typeof(RunResource), "waiting_reason")] = (WaitingReasons.All, "What the run waits for; only while waiting."),
        [(typeof(RunResource), "runtime_target_kind")] = (RuntimeTargets, null),
        [(typeof(RunResource), "trigger_kind")] = (TriggerKinds.All, "What caused the run; `api` for a direct create."),
        [(typeof(ConversationRunResource), "status")] =
            (["pending", "running", "waiting_for_tool", "completed", "failed", "cancelled"], "Where the run is in its life; `waiting_for_tool` whatever it waits for."),
        [(typeof(ConversationRunResource), "runtime_target_kind")] = (RuntimeTargets, null),
        [(typeof(ConversationRunResource), "source_target_kind")] = (SourceTargets, null),
        [(typeof(CreateAgentRunRequest), "kind")] = ([RunKinds.Agent], null),
        [(typeof(CreateTaskRunRequest), "kind")] = ([RunKinds.Task], null),
        [(typeof(CreateWorkflowRunRequest), "kind")] = ([RunKinds.Workflow], null),
        [(typeof(CreateEvalRunRequest), "kind")] = ([RunKinds.Eval], null),
        [(typeof(CreateAgentRunRequest), "conversation_mode")] = (ConversationModes.All, null),
        [(typeof(RuntimeTarget), "runtime_target_kind")] = ([.. RuntimeTargets, "production"], null),
        [(typeof(AgentRequest), "mode")] = (["agent", "default_chat"], null),
        [(typeof(AgentRequest), "initial_status")] = ([RunStatuses.Pending, RunStatuses.Running], null),
        [(typeof(AgentRequest), "source_target_kind")] = (SourceTargets, null),
        [(typeof(CompleteRunRequest), "status")] = (RunStatuses.Terminal, null),
        [(typeof(WaitRunRequest), "reason")] = (WaitingReasons.All, null),
        [(typeof(ResumeRunRequest), "type")] = (["tool_result", WaitingReasons.Approval, WaitingReasons.Event], null),
        [(typeof(CreateInputRequest), "kind")] = (["form"], null),
        [(typeof(CreateInputRequest), "requested_responder_type")] = (ResponderTypes.All, null),
        [(typeof(InputRequestResource), "kind")] = (["form"], null),
        [(typeof(InputRequestResource), "status")] =
            (InputRequestStatuses.All, "Where the request is in its life: only `open` ones can be answered. `cancelled` also when its run ended otherwise."),
        [(typeof(InputRequestResource), "requested_responder_type")] = (ResponderTypes.All, null),
        [(typeof(InputResponseResource), "actor_type")] = (ResponderTypes.All, "The kind of responder that the answering credential has."),
    };

    // Ids that are UUIDs, wherever they occur. A run's, a trigger's, an agent's and a tool call's are not.
    private static readonly HashSet<string> Uuids =
    [
        "conversation_id", "message_id", "project_id", "schedule_id", "batch_id", "created_by", "parent_conversation_id", "spawned_from_message_id",
        "runtime_target_environment_id", "runtime_target_branch_id", "source_target_environment_id", "source_target_branch_id", "input_request_id",
    ];

    private static readonly HashSet<Type> WithUuid = [typeof(Owner), typeof(InputRequestResource), typeof(InputResponseResource)];

    private static readonly Dictionary<string, JsonSchemaType?> RawValues = new()
    {
        ["input"] = JsonSchemaType.Object,
        ["config"] = JsonSchemaType.Object,
        ["metadata"] = JsonSchemaType.Object,
        ["run_snapshot"] = JsonSchemaType.Object,
        ["event"] = JsonSchemaType.Object,
        ["payload"] = JsonSchemaType.Object,
        ["values"] = JsonSchemaType.Object,
        ["artifacts"] = JsonSchemaType.Array,
        ["fields"] = JsonSchemaType.Array,
        ["recommendations"] = JsonSchemaType.Null,
        ["output"] = null,
        ["result"] = null,
        ["detail"] = null,
    };

    // Written only when there is a value.
    private static readonly HashSet<(Type, string)> LeftOut = [(typeof(RunError), "code"), (typeof(RunError), "detail")];

    /// <summary>The name that a type is described by once; null where it is described anew in each place, as callers' JSON is.</summary>
    public static string? NameOf(JsonTypeInfo type) =>
        type.Type == typeof(RawJson) || type.Type == typeof(RawJson?) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);

    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonPropertyInfo is { } member)
        {
            Describe(schema, member);
        }

        var type = context.JsonTypeInfo.Type;
        if (type.Name.Contains("Resource", StringComparison.Ordinal) || type == typeof(Owner) || type == typeof(RunError))
        {
            schema.Required = schema.Properties?.Keys.Where(name => !LeftOut.Contains((type, name))).ToHashSet();
        }

        if (type == typeof(AppendedEvent))
        {
            schema.AdditionalProperties = new OpenApiSchema();
        }

        return Task.CompletedTask;
    }

    private static void Describe(OpenApiSchema schema, JsonPropertyInfo member)
    {
        var value = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
        var orNull = value == member.PropertyType ? default : JsonSchemaType.Null;
        if (value == typeof(DateTimeOffset))
        {
            (schema.Type, schema.Format) = (JsonSchemaType.String | orNull, "date-time");
        }
        else if (value == typeof(RawJson))
        {
            DescribeJson(schema, member.Name, orNull);
        }
        else if (Uuids.Contains(member.Name) || (member.Name == "id" && WithUuid.Contains(member.DeclaringType)))
        {
            schema.Format = "uuid";
        }
        else if (value == typeof(CreateRunTrigger))
        {
            schema.Type |= JsonSchemaType.Null;
        }
        else if (LeftOut.Contains((member.DeclaringType, member.Name)))
        {
            schema.Type = JsonSchemaType.String;
        }
        else if (member.DeclaringType == typeof(PageInfoResource) && member.Name is "first" or "prev")
        {
            schema.Type = JsonSchemaType.Null;
        }
        else if (value == typeof(IReadOnlyList<RunEventResource>) || value == typeof(IReadOnlyList<ConversationEventResource>))
        {
            schema.Description = "The events, oldest first.";
        }

        if (Enumerations.TryGetValue((member.DeclaringType, member.Name), out var enumeration))
        {
            schema.Description = enumeration.Description ?? schema.Description;
            schema.Enum = [.. enumeration.Members];
            if (schema.Type is { } types && types.HasFlag(JsonSchemaType.Null))
            {
                schema.Enum.Add(JsonNullSentinel.JsonNull);
            }
        }
    }

    private static void DescribeJson(OpenApiSchema schema, string name, JsonSchemaType orNull)
    {
        schema.Type = RawValues[name] | orNull; // no type at all is any value
        if (RawValues[name] == JsonSchemaType.Array)
        {
            schema.Items = new OpenApiSchema();
        }

        if (name == "fields")
        {
            (schema.MinItems, schema.MaxItems) = (1, 100);
        }
        else if (name == "values")
        {
            schema.AdditionalProperties = new OpenApiSchema { Type = Scalar };
        }
    }
}
