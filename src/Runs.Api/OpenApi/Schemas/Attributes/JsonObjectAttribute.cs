using Microsoft.OpenApi;
using Runs.Contracts;

namespace Runs.Api.OpenApi.Schemas;

/// <summary>Marks a <see cref="RawJson"/> that is an object.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class JsonObjectAttribute : Attribute, ISchemaAttribute
{
    private const JsonSchemaType ScalarTypes =
        JsonSchemaType.String | JsonSchemaType.Number | JsonSchemaType.Boolean | JsonSchemaType.Null;

    /// <summary>Whether its members are strings, numbers, booleans and nulls only.</summary>
    public bool HasOnlyScalars { get; init; }

    public void ApplyTo(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Object | (schema.Type & JsonSchemaType.Null);
        schema.AdditionalProperties = HasOnlyScalars ? new OpenApiSchema { Type = ScalarTypes } : null;
    }
}
