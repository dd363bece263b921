using Microsoft.OpenApi;

namespace Runs.Api.OpenApi.Metadata;

/// <summary>Describes a response header.</summary>
/// <param name="Name">The header's name.</param>
/// <param name="Description">What the header contains.</param>
/// <param name="Type">The type of its value.</param>
internal sealed record ResponseHeader(string Name, string Description, JsonSchemaType Type = JsonSchemaType.String)
{
    public IOpenApiHeader ToOpenApi() => new OpenApiHeader { Description = Description, Schema = new OpenApiSchema { Type = Type } };
}
