using Microsoft.OpenApi;

namespace Runs.Api.OpenApi.Schemas;

/// <summary>An attribute that adds to the schema of a member or parameter what its type does not declare.</summary>
internal interface ISchemaAttribute
{
    /// <summary>Changes the schema, whose type is set and includes null if the member may be null.</summary>
    void ApplyTo(OpenApiSchema schema);
}
