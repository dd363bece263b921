using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Runs.Server.Configuration;

/// <summary>The certificate authorities of a PEM file. They are trusted instead of the system's authorities.</summary>
internal sealed class CertificateAuthorities
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection _certificates = [];

    /// <param name="file">The certificates, as PEM.</param>
    /// <param name="setting">The setting that names the file, for the exception message.</param>
    /// <exception cref="InvalidOperationException">The file cannot be read or has no certificate.</exception>
    public CertificateAuthorities(string file, string setting)
    {
        try
        {
            _certificates.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidOperationException($"{setting}: {file} cannot be read: {exception.Message}", exception);
        }

        if (_certificates.Count == 0)
        {
            throw new InvalidOperationException($"{setting}: {file} contains no certificate in PEM form.");
        }
    }

    /// <summary>
    /// Whether a server's certificate is present, issued by one of the authorities, and valid for the server's name. A
    /// callback for the TLS handshake.
    /// </summary>
    public bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        // The system does not know the private authority. Any other error makes the certificate invalid.
        (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
        && certificate is not null && chain is not null && IsIssuedByAuthorities(certificate, chain);

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
        chain.ChainPolicy.CustomTrustStore.AddRange(_certificates);
        chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore); // the intermediate authorities that the server sent
        return chain.Build(leaf);
    }
}
