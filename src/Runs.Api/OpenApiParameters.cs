using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Runs.Contracts;

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

        if (operation.OperationId!.StartsWith("list", StringComparison.Ordinal))
        {
            operation.Parameters.Add(Query("cursor", "The `next` of an earlier page, to go on there. The first page when absent.", new() { Type = JsonSchemaType.String }));
            operation.Parameters.Add(Query("limit", "The most items that a page may have.", new()
            {
                Type = JsonSchemaType.Integer,
                Minimum = "1",
                Maximum = "100",
                Default = 50,
            }));
            operation.Parameters.Add(Query("kind", "Only runs of this kind.", OneOf(RunKinds.All)));
            operation.Parameters.Add(Query("status", "Only runs that have this status now.", OneOf(RunStatuses.All)));
        }
        else if (operation.OperationId == "createRun")
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "Prefer",
                In = ParameterLocation.Header,
                Description = "`handling=strict` (RFC 7240) refuses a repeat whose request differs from the stored one, and says where. Other preferences are ignored.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = "handling=strict",
            });
        }
    }

    private static (string Description, OpenApiSchema Schema) OfPath(string name) => name switch
    {
        "run_id" => ("The run's id.", new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 128, Pattern = "^[A-Za-z0-9_-][A-Za-z0-9_.:-]*$" }),
        "project_reference" => ("The project's UUID, or its slug, percent-encoded.", new() { Type = JsonSchemaType.String, MinLength = 1 }),
        "conversation_id" => ("The conversation.", new() { Type = JsonSchemaType.String, Format = "uuid" }),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "A part of a path is not described."),
    };

    private static OpenApiParameter Query(string name, string description, OpenApiSchema schema) =>
        new() { Name = name, In = ParameterLocation.Query, Description = description, Schema = schema };

    private static OpenApiSchema OneOf(IEnumerable<string> members) =>
        new() { Type = JsonSchemaType.String, Enum = [.. members.Select(member => (JsonNode)member)] };
}
