using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;

namespace Runs.Server.Messaging;

/// <summary>TLS to RabbitMQ: version 1.2 or newer, and the broker's certificate is verified: present, of a trusted issuer, and made for the host's name.</summary>
internal sealed class RabbitMqTls
{
    /// <summary>The setting that holds the path of the authorities' certificates (PEM).</summary>
    public const string CaFileSetting = "RabbitMq:CaFile";

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection? _authorities;

    /// <param name="caFile">The authorities that are trusted, instead of those that the system trusts. Null for the system's.</param>
    /// <exception cref="InvalidOperationException">The file cannot be read or has no certificate.</exception>
    public RabbitMqTls(string? caFile) => _authorities = caFile is null ? null : Read(caFile);

    public SslOption OptionsFor(string host) => new(host, enabled: true)
    {
        Version = SslProtocols.Tls12 | SslProtocols.Tls13,
        AcceptablePolicyErrors = SslPolicyErrors.None,
        CertificateValidationCallback = Verify,
    };

    private bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_authorities is null || certificate is null || chain is null)
        {
            return errors == SslPolicyErrors.None;
        }

        // The system does not know the private authority; everything else must be right.
        return (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None && IsIssuedByAuthorities(certificate, chain);
    }

    private bool IsIssuedByAuthorities(X509Certificate certificate, X509Chain presented)
    {
        using var leaf = new X509Certificate2(certificate);
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck, // a private authority rarely publishes revocations
                DisableCertificateDownloads = true,
                ApplicationPolicy = { new Oid(ServerAuthentication) },
            },
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities!);
        chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore); // the intermediate authorities that the broker sent
        return chain.Build(leaf);
    }

    private static X509Certificate2Collection Read(string caFile)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(caFile);
            return authorities.Count > 0
                ? authorities
                : throw new InvalidOperationException($"{CaFileSetting}: {caFile} contains no certificate in PEM form.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidOperationException($"{CaFileSetting}: {caFile} cannot be read: {exception.Message}", exception);
        }
    }
}
