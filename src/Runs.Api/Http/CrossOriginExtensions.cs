using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Runs.Store;

namespace Runs.Api.Http;

/// <summary>
/// Allows cross-origin requests (https://fetch.spec.whatwg.org/#http-cors-protocol). Credentials are headers that the
/// page's script sets; cookies and credentials that the browser stores are not allowed.
/// </summary>
internal static class CrossOriginExtensions
{
    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromMinutes(10);

    private static readonly string[] ExposedHeaders =
        [HeaderNames.Location, HeaderNames.ETag, HeaderNames.RetryAfter, "Server-Timing", "RateLimit", "RateLimit-Policy"];

    public static void AddCrossOrigin(this IServiceCollection services)
    {
        services.AddValidatedOptions<CrossOriginOptions>(CrossOriginOptions.Section);
        services.AddCors();
    }

    public static void UseCrossOrigin(this WebApplication app)
    {
        var origins = app.Services.GetRequiredService<IOptions<CrossOriginOptions>>().Value.AllowedOrigins;
        if (origins.Count > 0)
        {
            app.UseCors(policy => policy
                .WithOrigins([.. origins])
                .AllowAnyMethod()
                .AllowAnyHeader()
                .WithExposedHeaders(ExposedHeaders)
                .SetPreflightMaxAge(PreflightMaxAge));
        }
    }
}
