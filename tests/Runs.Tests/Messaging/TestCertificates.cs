using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Runs.Tests.Messaging;

/// <summary>A private certificate authority of a test, and certificates that it issues.</summary>
public sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset ValidFrom = TimeProvider.System.GetUtcNow().AddDays(-1);

    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        var request = new CertificateRequest("CN=test authority", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        _authority = request.CreateSelfSigned(ValidFrom, ValidFrom.AddDays(30));
        CaFile = Path.Combine(Path.GetTempPath(), $"{TestRequests.NewId()}.pem");
        File.WriteAllText(CaFile, _authority.ExportCertificatePem());
    }

    /// <summary>The authority's certificate, as PEM.</summary>
    public string CaFile { get; }

    /// <summary>Issues a server certificate for the name, with its key.</summary>
    public X509Certificate2 Issue(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var serialNumber = RandomNumberGenerator.GetBytes(8);
        using var certificate = RequestFor(name, key).Create(_authority, ValidFrom, ValidFrom.AddDays(10), serialNumber);
        return ToUsableCertificate(certificate.CopyWithPrivateKey(key));
    }

    /// <summary>Creates a self-signed server certificate for the name.</summary>
    public static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return ToUsableCertificate(RequestFor(name, key).CreateSelfSigned(ValidFrom, ValidFrom.AddDays(10)));
    }

    public void Dispose()
    {
        File.Delete(CaFile);
        _authority.Dispose();
    }

    private static CertificateRequest RequestFor(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        return request;
    }

    // Not every system can use an in-memory key for TLS.
    private static X509Certificate2 ToUsableCertificate(X509Certificate2 certificate)
    {
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }
}
