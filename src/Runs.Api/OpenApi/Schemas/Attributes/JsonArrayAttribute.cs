using Microsoft.OpenApi;
using Runs.Contracts;

namespace Runs.Api.OpenApi.Schemas;

/// <summary>Marks a <see cref="RawJson"/> that is an array of any values.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class JsonArrayAttribute : Attribute, ISchemaAttribute
{
    /// <summary>The maximum number of values; at least one is required then. 0 for an array of any length.</summary>
    public int MaxItems { get; init; }

    public void ApplyTo(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Array | (schema.Type & JsonSchemaType.Null);
        schema.Items = new OpenApiSchema();
        if (MaxItems > 0)
        {
            (schema.MinItems, schema.MaxItems) = (1, MaxItems);
        }
    }
}
