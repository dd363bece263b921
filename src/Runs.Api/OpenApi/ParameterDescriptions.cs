using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.OpenApi;

/// <summary>
/// Describes path parameters, and the query parameters and headers that endpoints read directly from the request.
/// </summary>
internal static class ParameterDescriptions
{
    public static void AddTo(OpenApiOperation operation)
    {
        operation.Parameters ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>())
        {
            (parameter.Description, parameter.Schema) = DescribePathParameter(parameter.Name!);
        }

        foreach (var parameter in CreateQueryAndHeaders(operation.OperationId!))
        {
            operation.Parameters.Add(parameter);
        }
    }

    private static IEnumerable<OpenApiParameter> CreateQueryAndHeaders(string operationId) => operationId switch
    {
        "createRun" =>
        [
            Header(
                "Prefer",
                "`handling=strict` (RFC 7240) rejects a repeat whose request differs from the stored one, and lists the differing members. "
                + "Other preferences are ignored.",
                "handling=strict"),
        ],
        "getRun" =>
        [
            Query("wait", "The maximum number of seconds to wait. No wait when absent.", Number(0, 60)),
            Header(
                "Prefer",
                "`wait=30` (RFC 7240) is the same as the query parameter, which takes precedence. More than 60 seconds count as 60. "
                + "Other preferences are ignored.",
                "wait=30"),
            Header("If-None-Match", "The `ETag` that the caller has. The response is 304 while the run's version is the same.", "\"3\""),
        ],
        "listProjectRuns" or "listConversationRuns" or "listChildren" => [.. CursorAndLimit(), Query("kind", "Only runs of this kind.", OneOf(RunKinds.All)), RunStatus()],
        "listConversationRunChildren" => [.. CursorAndLimit(), RunStatus()],
        "listSpawnedRuns" =>
        [
            .. CursorAndLimit(), RunStatus(),
            Query("spawned_from_tool_call_id", "Only runs that this tool call spawned. No control characters.", Text(128)),
        ],
        "listEvents" or "listConversationEvents" =>
        [
            Query("after_event_id", "Only events with greater ids. All events when absent.", Number(0)),
            Query("cursor", "The `next` of an earlier page, to continue there. Ignored when `after_event_id` is present.", Text()),
            Limit(500, defaultLimit: 100),
        ],
        "streamEvents" or "streamConversationEvents" =>
        [
            Header(
                "Last-Event-ID",
                "The id of the last event that the caller has; the stream begins after it. An id that is not in this log counts as absent.",
                "3"),
        ],
        "listInputRequests" =>
        [
            .. CursorAndLimit(),
            Query("run_id", "Only requests of this run.", Text(255)),
            Query("status", "Only requests with this current status.", OneOf(InputRequestStatuses.All)),
        ],
        _ => [],
    };

    private static (string Description, OpenApiSchema Schema) DescribePathParameter(string name) => name switch
    {
        "run_id" => ("The run's id.", new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 128, Pattern = "^[A-Za-z0-9_-][A-Za-z0-9_.:-]*$" }),
        "project_reference" => ("The project's UUID, or its slug, percent-encoded.", new() { Type = JsonSchemaType.String, MinLength = 1 }),
        "conversation_id" => ("The conversation's id.", new() { Type = JsonSchemaType.String, Format = "uuid" }),
        "input_request_id" => ("The input request's id.", new() { Type = JsonSchemaType.String, Format = "uuid" }),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "A part of a path is not described."),
    };

    private static OpenApiParameter[] CursorAndLimit() =>
        [Query("cursor", "The `next` of an earlier page, to continue there. The first page when absent.", Text()), Limit(100, defaultLimit: 50)];

    private static OpenApiParameter Limit(int max, int defaultLimit)
    {
        var limit = Number(1, max);
        limit.Default = defaultLimit;
        return Query("limit", "The maximum number of items in a page.", limit);
    }

    private static OpenApiParameter RunStatus() => Query("status", "Only runs with this current status.", OneOf(RunStatuses.All));

    private static OpenApiParameter Query(string name, string description, OpenApiSchema schema) =>
        new() { Name = name, In = ParameterLocation.Query, Description = description, Schema = schema };

    private static OpenApiParameter Header(string name, string description, string example) =>
        new() { Name = name, In = ParameterLocation.Header, Description = description, Schema = Text(), Example = example };

    private static OpenApiSchema Text(int? max = null) => new() { Type = JsonSchemaType.String, MinLength = max is null ? null : 1, MaxLength = max };

    private static OpenApiSchema Number(int min, int? max = null) => new() { Type = JsonSchemaType.Integer, Minimum = $"{min}", Maximum = max is null ? null : $"{max}" };

    private static OpenApiSchema OneOf(IEnumerable<string> values) =>
        new() { Type = JsonSchemaType.String, Enum = [.. values.Select(member => (JsonNode)member)] };
}
