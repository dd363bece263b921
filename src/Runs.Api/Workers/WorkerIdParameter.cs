using Microsoft.OpenApi;

namespace Runs.Api.Workers;

/// <summary>The id of the calling worker in the path, which the authorization of its route compares.</summary>
internal sealed class WorkerIdParameter() : RequestParameter("worker_id", "The worker's id.")
{
    protected override ParameterLocation Location => ParameterLocation.Path;

    protected override OpenApiSchema CreateSchema() => new() { Type = JsonSchemaType.String, Format = "uuid" };
}
