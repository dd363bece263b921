using Microsoft.AspNetCore.Authorization;

namespace Runs.Api.RateLimiting;

/// <summary>
/// Endpoint metadata: the rate that a route counts against. Without it, a POST counts as a command and every other
/// method as a read.
/// </summary>
/// <param name="Name">The policy's name in the <c>RateLimit</c> header.</param>
internal sealed record RatePolicy(string Name)
{
    public static RatePolicy Creates { get; } = new("creates");

    public static RatePolicy Commands { get; } = new("commands");

    public static RatePolicy Appends { get; } = new("appends");

    public static RatePolicy Reads { get; } = new("reads");

    /// <summary>The policy of a request. Null for routes without authorization, which are not limited.</summary>
    public static RatePolicy? For(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata is not { } metadata || metadata.GetMetadata<IAuthorizeData>() is null)
        {
            return null;
        }

        return metadata.GetMetadata<RatePolicy>() ?? (HttpMethods.IsPost(http.Request.Method) ? Commands : Reads);
    }
}
