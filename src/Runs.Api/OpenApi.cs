using System.Text.Json.Serialization;
using Scalar.AspNetCore;

namespace Runs.Api;

/// <summary>
/// The description of the API: <c>/openapi.json</c> and, to read and try it, <c>/docs</c>. Routes and answers are read off the endpoints; the files
/// beside this one add what the code does not say in its signatures.
/// </summary>
internal static class OpenApi
{
    public static void AddRunsOpenApi(this IServiceCollection services)
    {
        // By default numbers may also be read from strings, and would be described as either. Bodies are read by hand and take numbers only.
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        services.AddOpenApi(description =>
        {
            description.ShouldInclude = route => route.ActionDescriptor.EndpointMetadata.OfType<IEndpointNameMetadata>().Any();
            description.CreateSchemaReferenceId = OpenApiSchemas.NameOf;
            description.AddSchemaTransformer<OpenApiSchemas>();
            description.AddOperationTransformer<OpenApiOperations>();
            description.AddDocumentTransformer<OpenApiDocumentParts>();
        });
    }

    public static void MapRunsOpenApi(this WebApplication app)
    {
        app.MapOpenApi("/openapi.json");
        app.MapScalarApiReference("/docs", scalar =>
        {
            scalar.WithTitle("Runs")
                .WithOpenApiRoutePattern("/openapi.json")
                .DisableDefaultFonts() // they come from another host; the page itself and its script are served from here
                .DisableTelemetry()
                .DisableAgent()
                .DisableMcp();
            scalar.ShowDeveloperTools = DeveloperToolsVisibility.Never; // they lead to another company's service
        });
    }
}
