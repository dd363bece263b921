using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Runs.Api.Http;
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
        services.AddOutputCache();
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
        app.UseOutputCache();
        app.MapOpenApi("/openapi.json").CacheOutput(policy => policy.AddPolicy<DescriptionCache>(), excludeDefaultPolicy: true);
        app.MapScalarApiReference("/docs", (scalar, http) =>
        {
            var nonce = RandomNumberGenerator.GetHexString(32);
            Protect(http.Response.Headers, nonce);
            scalar.WithTitle("Runs")
                .WithOpenApiRoutePattern("/openapi.json")
                .WithNonce(nonce)
                .DisableDefaultFonts() // they come from another host; the page itself and its script are served from here
                .DisableTelemetry()
                .DisableAgent()
                .DisableMcp();
            scalar.ShowDeveloperTools = DeveloperToolsVisibility.Never; // they lead to another company's service
        });
    }

    // The page holds whatever credential its reader types in: only its own scripts run, it talks to this server alone, and no other page may frame it.
    private static void Protect(IHeaderDictionary headers, string nonce)
    {
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
    }
}
