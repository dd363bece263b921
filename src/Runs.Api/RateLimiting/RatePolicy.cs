using System.Collections.Frozen;
using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

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
    public static RatePolicy? For(HttpContext http) =>
        http.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IAuthorizeData>() is null ? null
        : endpoint.Metadata.GetMetadata<RatePolicy>() is { } policy ? policy
        : HttpMethods.IsPost(http.Request.Method) ? Commands
        : Reads;
}
