using Microsoft.OpenApi;

namespace Runs.Api.OpenApi.Schemas;

/// <summary>Marks a string that is a UUID.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class UuidAttribute : Attribute, ISchemaAttribute
{
    public void ApplyTo(OpenApiSchema schema) => schema.Format = "uuid";
}
