using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api;

/// <summary>The parts of the path, and the queries and headers that are read by hand.</summary>
internal static class OpenApiParameters
{
    public static void Describe(OpenApiOperation operation)
    {
        operation.Parameters ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>())
        {
            (parameter.Description, parameter.Schema) = OfPath(parameter.Name!);
        }

        foreach (var parameter in ReadByHand(operation.OperationId!))
        {
            operation.Parameters.Add(parameter);
        }
    }

    private static IEnumerable<OpenApiParameter> ReadByHand(string operationId) => operationId switch
    {
        "createRun" =>
        [
            Header(
                "Prefer", "`handling=strict` (RFC 7240) refuses a repeat whose request differs from the stored one, and says where. Other preferences are ignored.",
                "handling=strict"),
        ],
        "getRun" =>
        [
            Query("wait", "The most seconds to hold the answer back. Not at all when absent.", Number(0, 60)),
            Header("Prefer", "`wait=30` (RFC 7240) is the same as the query, which comes first; more than 60 seconds are 60. Other preferences are ignored.", "wait=30"),
            Header("If-None-Match", "The `ETag` of the run as the caller knows it. As long as it is this one, the answer is 304.", "\"3\""),
        ],
        "listProjectRuns" or "listConversationRuns" or "listChildren" => [.. Page(), Query("kind", "Only runs of this kind.", OneOf(RunKinds.All)), RunStatus()],
        "listConversationRunChildren" => [.. Page(), RunStatus()],
        "listSpawnedRuns" =>
        [
            .. Page(), RunStatus(),
            Query("spawned_from_tool_call_id", "Only runs that this tool call spawned. No control characters.", Text(128)),
        ],
        "listEvents" or "listConversationEvents" =>
        [
            Query("after_event_id", "Only events with greater ids. All when absent.", Number(0)),
            Query("cursor", "The `next` of an earlier page, to go on there. Not looked at when there is an `after_event_id`.", Text()),
            Limit(500, standard: 100),
        ],
        "streamEvents" or "streamConversationEvents" =>
        [
            Header("Last-Event-ID", "The id of the last event that the caller has; the stream begins after it. What is no id of this log counts as absent.", "3"),
        ],
        "listInputRequests" =>
        [
            .. Page(),
            Query("run_id", "Only requests of this run.", Text(255)),
            Query("status", "Only requests that have this status now.", OneOf(InputRequestStatuses.All)),
        ],
        _ => [],
    };

    private static (string Description, OpenApiSchema Schema) OfPath(string name) => name switch
    {
        "run_id" => ("The run's id.", new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 128, Pattern = "^[A-Za-z0-9_-][A-Za-z0-9_.:-]*$" }),
        "project_reference" => ("The project's UUID, or its slug, percent-encoded.", new() { Type = JsonSchemaType.String, MinLength = 1 }),
        "conversation_id" => ("The conversation.", new() { Type = JsonSchemaType.String, Format = "uuid" }),
        "input_request_id" => ("The input request.", new() { Type = JsonSchemaType.String, Format = "uuid" }),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "A part of a path is not described."),
    };

    private static OpenApiParameter[] Page() =>
        [Query("cursor", "The `next` of an earlier page, to go on there. The first page when absent.", Text()), Limit(100, standard: 50)];

    private static OpenApiParameter Limit(int max, int standard)
    {
        var limit = Number(1, max);
        limit.Default = standard;
        return Query("limit", "The most items that a page may have.", limit);
    }

    private static OpenApiParameter RunStatus() => Query("status", "Only runs that have this status now.", OneOf(RunStatuses.All));

    private static OpenApiParameter Query(string name, string description, OpenApiSchema schema) =>
        new() { Name = name, In = ParameterLocation.Query, Description = description, Schema = schema };

    private static OpenApiParameter Header(string name, string description, string example) =>
        new() { Name = name, In = ParameterLocation.Header, Description = description, Schema = Text(), Example = example };

    private static OpenApiSchema Text(int? max = null) => new() { Type = JsonSchemaType.String, MinLength = max is null ? null : 1, MaxLength = max };

    private static OpenApiSchema Number(int min, int? max = null) => new() { Type = JsonSchemaType.Integer, Minimum = $"{min}", Maximum = max is null ? null : $"{max}" };

    private static OpenApiSchema OneOf(IEnumerable<string> members) =>
        new() { Type = JsonSchemaType.String, Enum = [.. members.Select(member => (JsonNode)member)] };
}
