using Microsoft.Net.Http.Headers;

namespace Runs.Api.Http;

/// <summary>
/// Headers of every answer: nothing of it is stored by a cache unless the endpoint says otherwise, and nothing of it is taken for another type than its own.
/// Caches protect answers to <c>Authorization</c> by themselves (RFC 9111 3.5), but not those to <c>X-API-Key</c>.
/// </summary>
internal static class ResponseHeaders
{
    public const string NotStored = "private, no-store";

    public const string Revalidated = "private, no-cache";

    // The callers' credentials. An answer that is kept for one caller is not another's.
    private static readonly string Credentials = $"{HeaderNames.Authorization}, {ApiKeyAuthentication.Header}";

    public static void UseResponseHeaders(this WebApplication app) => app.Use(next => http =>
    {
        // At the end: an exception clears what was set before it.
        http.Response.OnStarting(Complete, http);
        return next(http);
    });

    /// <summary>Lets the caller's own cache keep the answer, and ask with its ETag whether it still holds.</summary>
    public static void SetRevalidated(this HttpResponse response)
    {
        response.Headers.CacheControl = Revalidated;
        response.Headers.Append(HeaderNames.Vary, Credentials);
    }

    private static Task Complete(object state)
    {
        var headers = ((HttpContext)state).Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = NotStored;
        }

        return Task.CompletedTask;
    }
}
