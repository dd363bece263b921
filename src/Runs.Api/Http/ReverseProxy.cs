using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Http;

/// <summary>Settings of section <c>Proxy</c>: the reverse proxy that the service stands behind.</summary>
internal sealed class ReverseProxyOptions : IValidatableObject
{
    public const string Section = "Proxy";

    /// <summary>
    /// The networks of the proxies, such as <c>10.0.0.0/8</c>, or single addresses. Their <c>X-Forwarded-For</c>, <c>-Proto</c>, <c>-Host</c> and <c>-Prefix</c> are
    /// believed; those of everybody else are ignored. None by default.
    /// </summary>
    public IList<string> Networks { get; init; } = [];

    /// <summary>How many proxies a request passes through.</summary>
    [Range(1, 10)]
    public int Hops { get; init; } = 1;

    /// <summary>The prefix of every path, such as <c>/runs-api</c>, where the proxy passes it on. A proxy that strips it sends <c>X-Forwarded-Prefix</c>.</summary>
    [RegularExpression(@"(/[\w.~-]+)+", ErrorMessage = "Proxy:PathBase is a path such as /runs-api.")]
    public string? PathBase { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Networks
        .Where(network => !TryParse(network, out _))
        .Select(network => new ValidationResult($"{Section}:{nameof(Networks)}: \"{network}\" is not a network, such as 10.0.0.0/8, and not an address."));

    public static bool TryParse(string text, out System.Net.IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            network = new System.Net.IPNetwork(address, 8 * address.GetAddressBytes().Length);
            return true;
        }

        return System.Net.IPNetwork.TryParse(text, out network);
    }
}

/// <summary>Lets the service stand behind a reverse proxy: links have the prefix that callers see, and the caller's address is the caller's.</summary>
internal static class ReverseProxy
{
    public static void AddReverseProxy(this IServiceCollection services) =>
        services.AddValidatedOptions<ReverseProxyOptions>(ReverseProxyOptions.Section);

    /// <summary>To be used before routing: it changes the path.</summary>
    public static void UseReverseProxy(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<ReverseProxyOptions>>().Value;
        if (options.Networks.Count > 0)
        {
            app.UseForwardedHeaders(Forwarded(options));
            app.Use(WithoutOtherHosts);
        }

        if (options.PathBase is { } pathBase)
        {
            app.UsePathBase(pathBase);
        }
    }

    /// <summary>The path of a link to <paramref name="path"/>, as the caller sees it.</summary>
    public static string Link(this HttpRequest request, string path) => request.PathBase.ToUriComponent() + path;

    private static ForwardedHeadersOptions Forwarded(ReverseProxyOptions options)
    {
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All, ForwardLimit = options.Hops };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var text in options.Networks)
        {
            if (ReverseProxyOptions.TryParse(text, out var network))
            {
                forwarded.KnownIPNetworks.Add(network);
            }
        }

        return forwarded;
    }

    // A proxy may pass on a caller's own header, and a link that begins with // leads to another host.
    private static RequestDelegate WithoutOtherHosts(RequestDelegate next) => http =>
    {
        if (http.Request.PathBase.Value is { } prefix && prefix.StartsWith("//", StringComparison.Ordinal))
        {
            http.Request.PathBase = "/" + prefix.TrimStart('/');
        }

        return next(http);
    };
}
