using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.OpenApi;

/// <summary>
/// Adds to schemas what the types do not declare: which strings are enumerations, UUIDs or times, what a
/// <see cref="RawJson"/> may contain, and that a response always has all its members.
/// </summary>
internal sealed class SchemaTransformer : IOpenApiSchemaTransformer
{
    private const JsonSchemaType ScalarTypes = JsonSchemaType.String | JsonSchemaType.Number | JsonSchemaType.Boolean | JsonSchemaType.Null;

    private static readonly string[] RuntimeTargets = ["main_branch", "environment", "preview_branch"];
    private static readonly string[] SourceTargets = ["project", "environment", "preview_branch", "release", "main_branch"];

    private static readonly Dictionary<(Type, string), (IReadOnlyList<string> Members, string? Description)> Enumerations = new()
    {
        [(typeof(Owner), "kind")] = (OwnerKinds.All, "The kind of owner. Only agent runs belong to conversations."),
        [(typeof(RunResource), "kind")] = (RunKinds.All, "What the run executes."),
        [(typeof(RunResource), "status")] = (RunStatuses.All, "The run's status. `completed`, `failed` and `cancelled` are final."),
        [(typeof(RunResource), "waiting_reason")] = (WaitingReasons.All, "What the run waits for. Null unless it is waiting."),
        [(typeof(RunResource), "runtime_target_kind")] = (RuntimeTargets, null),
        [(typeof(RunResource), "trigger_kind")] = (TriggerKinds.All, "What caused the run; `api` for a direct create."),
        [(typeof(ConversationRunResource), "status")] =
            (
                ["pending", "running", "waiting_for_tool", "completed", "failed", "cancelled"],
                "The run's status. `waiting_for_tool` for every waiting reason."),
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
            (
                InputRequestStatuses.All,
                "The request's status. Only an `open` request can be answered. `cancelled` also when its run ended without a response."),
        [(typeof(InputRequestResource), "requested_responder_type")] = (ResponderTypes.All, null),
        [(typeof(InputResponseResource), "actor_type")] = (ResponderTypes.All, "The responder type of the credential that responded."),
    };

    // Members that are UUIDs in every type. The ids of runs, triggers, agents and tool calls are not UUIDs.
    private static readonly HashSet<string> UuidMembers =
    [
        "conversation_id", "message_id", "project_id", "schedule_id", "batch_id", "created_by", "parent_conversation_id", "spawned_from_message_id",
        "runtime_target_environment_id", "runtime_target_branch_id", "source_target_environment_id", "source_target_branch_id", "input_request_id",
    ];

    private static readonly HashSet<Type> TypesWithUuidId = [typeof(Owner), typeof(InputRequestResource), typeof(InputResponseResource)];

    private static readonly Dictionary<string, JsonSchemaType?> RawJsonTypes = new()
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

    // Omitted from responses when null.
    private static readonly HashSet<(Type, string)> OmittedWhenNull = [(typeof(RunError), "code"), (typeof(RunError), "detail")];

    /// <summary>
    /// The component name of a type's schema. Null for types that are described inline, as callers' JSON is.
    /// </summary>
    public static string? GetSchemaId(JsonTypeInfo type) =>
        type.Type == typeof(RawJson) || type.Type == typeof(RawJson?) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);

    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonPropertyInfo is { } member)
        {
            DescribeMember(schema, member);
        }

        var type = context.JsonTypeInfo.Type;
        if (type.Name.Contains("Resource", StringComparison.Ordinal) || type.Name.EndsWith("Response", StringComparison.Ordinal) || type == typeof(Owner) || type == typeof(RunError))
        {
            schema.Required = schema.Properties?.Keys.Where(name => !OmittedWhenNull.Contains((type, name))).ToHashSet();
        }

        if (type == typeof(AppendedEvent))
        {
            schema.AdditionalProperties = new OpenApiSchema();
        }

        return Task.CompletedTask;
    }

    private static void DescribeMember(OpenApiSchema schema, JsonPropertyInfo member)
    {
        var value = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
        var orNull = value == member.PropertyType ? default : JsonSchemaType.Null;
        if (value == typeof(DateTimeOffset))
        {
            (schema.Type, schema.Format) = (JsonSchemaType.String | orNull, "date-time");
        }
        else if (value == typeof(RawJson))
        {
            DescribeRawJson(schema, member.Name, orNull);
        }
        else if (UuidMembers.Contains(member.Name) || (member.Name == "id" && TypesWithUuidId.Contains(member.DeclaringType)))
        {
            schema.Format = "uuid";
        }
        else if (value == typeof(CreateRunTrigger))
        {
            schema.Type |= JsonSchemaType.Null;
        }
        else if (OmittedWhenNull.Contains((member.DeclaringType, member.Name)))
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

    private static void DescribeRawJson(OpenApiSchema schema, string name, JsonSchemaType orNull)
    {
        schema.Type = RawJsonTypes[name] | orNull; // without a type, any value is allowed
        if (RawJsonTypes[name] == JsonSchemaType.Array)
        {
            schema.Items = new OpenApiSchema();
        }

        if (name == "fields")
        {
            (schema.MinItems, schema.MaxItems) = (1, 100);
        }
        else if (name == "values")
        {
            schema.AdditionalProperties = new OpenApiSchema { Type = ScalarTypes };
        }
    }
}
