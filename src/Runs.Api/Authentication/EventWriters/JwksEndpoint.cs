using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Runs.Api.Authentication;

/// <summary>
/// <c>GET /.well-known/jwks.json</c>: the public keys that verify the tokens of event writers, as a JSON Web Key Set
/// (RFC 7517). It needs no credential, and caches may store it.
/// </summary>
internal static class JwksEndpoint
{
    private static readonly string CacheControl =
        new CacheControlHeaderValue { Public = true, MaxAge = TimeSpan.FromMinutes(5) }.ToString();

    public static void MapJwks(this IEndpointRouteBuilder app) => app.MapGet("/.well-known/jwks.json", Handle);

    private static JsonHttpResult<JwksResource> Handle(HttpResponse response, EventWriterKeys keys)
    {
        response.Headers.CacheControl = CacheControl;
        return TypedResults.Json(
            new JwksResource([.. keys.Verification.Select(JwkResource.From)]), contentType: "application/jwk-set+json");
    }
}
