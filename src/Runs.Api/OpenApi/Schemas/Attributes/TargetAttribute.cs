using Microsoft.OpenApi;

namespace Runs.Api.OpenApi.Schemas;

/// <summary>Marks a string that is the target of a run of this kind.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TargetAttribute(string kind) : Attribute, ISchemaAttribute
{
    public void ApplyTo(OpenApiSchema schema)
    {
        schema.MinLength = TargetFormat.GetMinLength(kind);
        schema.MaxLength = TargetFormat.GetMaxLength(kind);
        schema.Pattern = TargetFormat.GetPattern(kind);
    }
}
