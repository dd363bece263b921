using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Runs.Server.Messaging;

/// <summary>
/// TLS for connections to RabbitMQ: version 1.2 or later. The broker's certificate is verified: it must be present,
/// issued by a trusted authority, and valid for the host name.
/// </summary>
/// <param name="caFile">
/// A PEM file with the authorities that are trusted instead of the system's; null to trust the system's authorities.
/// </param>
/// <exception cref="InvalidOperationException">The file cannot be read or has no certificate.</exception>
internal sealed class RabbitMqTls(string? caFile)
{
    /// <summary>The setting with the path of the authorities' certificates (PEM).</summary>
    public const string CaFileSetting = "RabbitMq:CaFile";

    private readonly CertificateAuthorities? _authorities = caFile is null ? null : new CertificateAuthorities(caFile, CaFileSetting);

    public SslClientAuthenticationOptions CreateClientOptions(string host) => new()
    {
        TargetHost = host,
#pragma warning disable CA5398 // an operating system may still allow older versions
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
        RemoteCertificateValidationCallback = Verify,
    };

    private bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        _authorities?.Verify(sender, certificate, chain, errors) ?? errors == SslPolicyErrors.None;
}
