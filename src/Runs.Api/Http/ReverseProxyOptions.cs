using System.ComponentModel.DataAnnotations;
using System.Net;

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
    [RegularExpression(@"(/[\w.~-]+)+", ErrorMessage = "must be a path such as /runs-api.")]
    public string? PathBase { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => KnownNetworks
        .Where(network => !TryParseNetwork(network, out _))
        .Select(network => new ValidationResult(
            $"{Section}:{nameof(KnownNetworks)}: \"{network}\" is not a network, such as 10.0.0.0/8, and not an address."));

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
