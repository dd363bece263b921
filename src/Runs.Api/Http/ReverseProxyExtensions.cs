using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Http;

/// <summary>
/// Supports a reverse proxy in front of the service: links have the prefix that callers see, and the remote address is
/// the caller's, not the proxy's.
/// </summary>
internal static class ReverseProxyExtensions
{
    public static void AddReverseProxy(this IServiceCollection services) =>
        services.AddValidatedOptions<ReverseProxyOptions>(ReverseProxyOptions.Section);

    /// <summary>To be used before routing, because it changes the path.</summary>
    public static void UseReverseProxy(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<ReverseProxyOptions>>().Value;
        if (options.KnownNetworks.Count > 0)
        {
            app.UseForwardedHeaders(CreateForwardedHeadersOptions(options));
            app.Use(NormalizePathBase);
        }

        if (options.PathBase is { } pathBase)
        {
            app.UsePathBase(pathBase);
        }
    }

    /// <summary>Builds the link to <paramref name="path"/> as the caller sees it.</summary>
    public static string BuildLink(this HttpRequest request, string path) => request.PathBase.ToUriComponent() + path;

    private static ForwardedHeadersOptions CreateForwardedHeadersOptions(ReverseProxyOptions options)
    {
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All, ForwardLimit = options.ForwardLimit };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var text in options.KnownNetworks)
        {
            if (ReverseProxyOptions.TryParseNetwork(text, out var network))
            {
                forwarded.KnownIPNetworks.Add(network);
            }
        }

        return forwarded;
    }

    // A proxy may forward a header that the caller set, and a link that begins with // leads to another host.
    private static RequestDelegate NormalizePathBase(RequestDelegate next) => http =>
    {
        if (http.Request.PathBase.Value is { } prefix && prefix.StartsWith("//", StringComparison.Ordinal))
        {
            http.Request.PathBase = "/" + prefix.TrimStart('/');
        }

        return next(http);
    };
}
