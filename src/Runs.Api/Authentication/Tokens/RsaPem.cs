using System.Security.Cryptography;

namespace Runs.Api.Authentication;

/// <summary>Reads RSA keys in PEM.</summary>
internal static class RsaPem
{
    public const int MinKeyBits = 2048;

    /// <summary>Whether the text has an RSA key of sufficient size, public or private.</summary>
    public static bool HasKey(string pem) => Check(pem, rsa => rsa.KeySize >= MinKeyBits);

    /// <summary>Whether the text has an unencrypted private RSA key of sufficient size.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="maxBits">The maximum size of the key.</param>
    public static bool HasPrivateKey(string pem, int maxBits) => Check(pem, rsa =>
    {
        _ = rsa.ExportParameters(includePrivateParameters: true); // throws without a private key
        return rsa.KeySize >= MinKeyBits && rsa.KeySize <= maxBits;
    });

    /// <summary>Reads a key.</summary>
    /// <exception cref="ArgumentException">The text has no single key in PEM, or an encrypted one.</exception>
    /// <exception cref="CryptographicException">The key is not valid.</exception>
    public static RSA Read(string pem)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return rsa;
        }
        catch
        {
            rsa.Dispose();
            throw;
        }
    }

    private static bool Check(string pem, Func<RSA, bool> isValid)
    {
        try
        {
            using var rsa = Read(pem);
            return isValid(rsa);
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            return false;
        }
    }
}
