using Scalar.AspNetCore;

namespace Runs.Api;

/// <summary>The description of the API: <c>/openapi.json</c> and, to read and try it, <c>/docs</c>.</summary>
internal static class OpenApi
{
    public static void AddRunsOpenApi(this IServiceCollection services) => services.AddOpenApi();

    public static void MapRunsOpenApi(this WebApplication app)
    {
        app.MapOpenApi("/openapi.json");
        app.MapScalarApiReference("/docs", scalar => scalar.WithOpenApiRoutePattern("/openapi.json"));
    }
}
