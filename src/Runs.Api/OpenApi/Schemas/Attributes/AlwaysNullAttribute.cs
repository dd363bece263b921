using Microsoft.OpenApi;

namespace Runs.Api.OpenApi.Schemas;

/// <summary>Marks a member that is always null.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AlwaysNullAttribute : Attribute, ISchemaAttribute
{
    public void ApplyTo(OpenApiSchema schema) => schema.Type = JsonSchemaType.Null;
}
