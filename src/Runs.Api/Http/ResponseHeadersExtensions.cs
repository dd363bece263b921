using Microsoft.Net.Http.Headers;

namespace Runs.Api.Http;

/// <summary>
/// Sets headers of every response: caches do not store it unless the endpoint allows it, and browsers do not sniff its
/// content type. Caches protect responses to <c>Authorization</c> by themselves (RFC 9111 3.5), but not those to
/// <c>X-API-Key</c>.
/// </summary>
internal static class ResponseHeadersExtensions
{
    public const string NoStore = "private, no-store";

    public const string NoCache = "private, no-cache";

    // The headers with credentials. A cached response must not be served to another caller.
    private static readonly string CredentialHeaders = $"{HeaderNames.Authorization}, {ApiKeyAuthenticationHandler.HeaderName}";

    public static void UseResponseHeaders(this WebApplication app) => app.Use(next => http =>
    {
        // OnStarting, because the exception handler clears headers set earlier.
        http.Response.OnStarting(ApplyDefaults, http);
        return next(http);
    });

    /// <summary>Lets the caller's private cache store the response and revalidate it by its ETag.</summary>
    public static void AllowRevalidation(this HttpResponse response)
    {
        response.Headers.CacheControl = NoCache;
        response.Headers.Append(HeaderNames.Vary, CredentialHeaders);
    }

    private static Task ApplyDefaults(object state)
    {
        var headers = ((HttpContext)state).Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = NoStore;
        }

        return Task.CompletedTask;
    }
}
