using System.Net.Mime;
using Runs.Contracts;

namespace Runs.Api.OpenApi;

/// <summary>
/// Serves the description of this build's messages: <c>/asyncapi.yaml</c>, and one JSON Schema for each message, such
/// as <c>/schemas/create-run.json</c>. They are embedded resources of the contracts assembly. Like the OpenAPI
/// document, they need no credential.
/// </summary>
internal static class AsyncApiEndpoints
{
    public static void MapRunsAsyncApi(this WebApplication app)
    {
        var contracts = typeof(CreateRun).Assembly;
        foreach (var file in contracts.GetManifestResourceNames())
        {
            var type = file.EndsWith(".json", StringComparison.Ordinal) ? "application/schema+json" : MediaTypeNames.Application.Yaml;
            app.MapGet($"/{file}", () => TypedResults.Stream(contracts.GetManifestResourceStream(file)!, type));
        }
    }
}
