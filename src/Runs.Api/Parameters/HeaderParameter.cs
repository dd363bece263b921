using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Runs.Api.Parameters;

/// <summary>A request header, which the endpoint reads itself.</summary>
internal sealed class HeaderParameter(string name, string description, string example) : RequestParameter(name, description)
{
    protected override ParameterLocation Location => ParameterLocation.Header;

    protected override JsonNode? Example => example;

    protected override OpenApiSchema CreateSchema() => new() { Type = JsonSchemaType.String };
}
