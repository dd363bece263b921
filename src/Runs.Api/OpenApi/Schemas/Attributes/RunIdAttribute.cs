using Microsoft.OpenApi;

namespace Runs.Api.OpenApi.Schemas;

/// <summary>Marks a string that is a run id.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class RunIdAttribute : Attribute, ISchemaAttribute
{
    public void ApplyTo(OpenApiSchema schema)
    {
        schema.MinLength = 1;
        schema.MaxLength = FieldLimits.MaxIdLength;
        schema.Pattern = FieldLimits.RunIdPattern;
    }
}
