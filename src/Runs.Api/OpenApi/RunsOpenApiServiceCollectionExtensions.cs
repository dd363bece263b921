using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Scalar.AspNetCore;

namespace Runs.Api.OpenApi;

/// <summary>
/// Serves the OpenAPI document at <c>/openapi.json</c> and an interactive reference at <c>/docs</c>. Routes and
/// responses are generated from the endpoints; the other files of this folder add what their signatures do not declare.
/// </summary>
internal static class RunsOpenApiServiceCollectionExtensions
{
    public static void AddRunsOpenApi(this IServiceCollection services)
    {
        // By default, numbers may also be read from strings, and would be described as both. The body parsers accept
        // numbers only.
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        services.AddOutputCache();
        services.AddOpenApi(description =>
        {
            description.ShouldInclude = route => route.ActionDescriptor.EndpointMetadata.OfType<IEndpointNameMetadata>().Any();
            description.CreateSchemaReferenceId = SchemaTransformer.GetSchemaId;
            description.AddSchemaTransformer<SchemaTransformer>();
            description.AddOperationTransformer<OperationTransformer>();
            description.AddDocumentTransformer<DocumentTransformer>();
        });
    }

    public static void MapRunsOpenApi(this WebApplication app)
    {
        app.UseOutputCache();
        app.MapOpenApi("/openapi.json").CacheOutput(policy => policy.AddPolicy<DescriptionCachePolicy>(), excludeDefaultPolicy: true);
        app.MapScalarApiReference("/docs", (scalar, http) =>
        {
            var nonce = RandomNumberGenerator.GetHexString(32);
            SetSecurityHeaders(http.Response.Headers, nonce);
            scalar.WithTitle("Runs")
                .WithOpenApiRoutePattern("/openapi.json")
                .WithNonce(nonce)
                .DisableDefaultFonts() // they come from another host; the page and its script are served by this process
                .DisableTelemetry()
                .DisableAgent()
                .DisableMcp();
            scalar.ShowDeveloperTools = DeveloperToolsVisibility.Never; // they link to a third-party service
        });
    }

    // The page holds the credential that its user enters: only its own scripts run, it connects to this server only,
    // and no other page may frame it.
    private static void SetSecurityHeaders(IHeaderDictionary headers, string nonce)
    {
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'unsafe-inline'; "
            + "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
    }
}
