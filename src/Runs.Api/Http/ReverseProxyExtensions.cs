using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Http;

/// <summary>Settings of section <c>Proxy</c>: the reverse proxy in front of the service.</summary>
internal sealed class ReverseProxyOptions : IValidatableObject
{
    public const string Section = "Proxy";

    /// <summary>
    /// The networks of the proxies, such as <c>10.0.0.0/8</c>, or single addresses. Their <c>X-Forwarded-For</c>,
    /// <c>-Proto</c>, <c>-Host</c> and <c>-Prefix</c> are trusted; those of other clients are ignored. None by default.
    /// </summary>
    public IList<string> KnownNetworks { get; init; } = [];

    /// <summary>The number of proxies that a request passes through.</summary>
    [Range(1, 10)]
    public int ForwardLimit { get; init; } = 1;

    /// <summary>
    /// The prefix of every path, such as <c>/runs-api</c>, when the proxy forwards it. A proxy that strips it sends
    /// <c>X-Forwarded-Prefix</c>.
    /// </summary>
    [RegularExpression(@"(/[\w.~-]+)+", ErrorMessage = "Proxy:PathBase is a path such as /runs-api.")]
    public string? PathBase { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => KnownNetworks
        .Where(network => !TryParseNetwork(network, out _))
        .Select(network => new ValidationResult($"{Section}:{nameof(KnownNetworks)}: \"{network}\" is not a network, such as 10.0.0.0/8, and not an address."));

    public static bool TryParseNetwork(string text, out System.Net.IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            network = new System.Net.IPNetwork(address, 8 * address.GetAddressBytes().Length);
            return true;
        }

        return System.Net.IPNetwork.TryParse(text, out network);
    }
}

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
