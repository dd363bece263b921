using System.Net.Mime;
using Runs.Contracts;

namespace Runs.Api;

/// <summary>
/// The description of the messages that this build was made with: <c>/asyncapi.yaml</c>, and one JSON Schema each, such as <c>/schemas/create-run.json</c>.
/// They are files of the contracts' assembly. Like the API's own description they need no credential.
/// </summary>
internal static class AsyncApi
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
