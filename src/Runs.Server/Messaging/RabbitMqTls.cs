using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;

namespace Runs.Server.Messaging;

/// <summary>TLS to RabbitMQ: version 1.2 or newer, and the broker's certificate is verified: present, of a trusted issuer, and made for the host's name.</summary>
/// <param name="caFile">The authorities that are trusted, instead of those that the system trusts. Null for the system's.</param>
/// <exception cref="InvalidOperationException">The file cannot be read or has no certificate.</exception>
internal sealed class RabbitMqTls(string? caFile)
{
    /// <summary>The setting that holds the path of the authorities' certificates (PEM).</summary>
    public const string CaFileSetting = "RabbitMq:CaFile";

    private readonly CertificateAuthorities? _authorities = caFile is null ? null : new CertificateAuthorities(caFile, CaFileSetting);

    public SslOption OptionsFor(string host) => new(host, enabled: true)
    {
        Version = SslProtocols.Tls12 | SslProtocols.Tls13,
        AcceptablePolicyErrors = SslPolicyErrors.None,
        CertificateValidationCallback = Verify,
    };

    private bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        _authorities?.Verify(sender, certificate, chain, errors) ?? errors == SslPolicyErrors.None;
}
