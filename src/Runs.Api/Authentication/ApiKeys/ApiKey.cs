using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Runs.Api.Authentication;

/// <summary>
/// API keys: <c>vf_&lt;prefix&gt;_&lt;secret&gt;</c>. The prefix identifies the record and has no underscore. The
/// secret is 256 random bits, so an unsalted hash of it is safe to store.
/// </summary>
public static class ApiKey
{
    /// <summary>The maximum length of a prefix.</summary>
    public const int MaxPrefixLength = 64;

    private const string SchemePrefix = "vf_";

    /// <summary>Whether the text begins like an API key.</summary>
    public static bool HasSchemePrefix(string credential) => credential.StartsWith(SchemePrefix, StringComparison.Ordinal);

    /// <summary>Whether the text can be a key's prefix: letters and digits.</summary>
    public static bool IsValidPrefix(string? text) => text is { Length: > 0 and <= MaxPrefixLength } && text.All(char.IsAsciiLetterOrDigit);

    /// <summary>Splits a key at the first two underscores.</summary>
    public static bool TryParse(string key, out string prefix, out string secret)
    {
        (prefix, secret) = ("", "");
        var end = HasSchemePrefix(key) ? key.IndexOf('_', SchemePrefix.Length) : -1;
        if (end <= SchemePrefix.Length || end == key.Length - 1)
        {
            return false;
        }

        (prefix, secret) = (key[SchemePrefix.Length..end], key[(end + 1)..]);
        return true;
    }

    /// <summary>Creates a key. It is shown once and never stored.</summary>
    public static string Create()
    {
        Span<byte> random = stackalloc byte[32];
        RandomNumberGenerator.Fill(random);
        var prefix = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 8);
        return $"{SchemePrefix}{prefix}_{Base64Url.EncodeToString(random)}";
    }

    /// <summary>The stored hash of a secret: SHA-256 in lower-case hex.</summary>
    public static string ComputeHash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Compares the secret with the stored hash in constant time.</summary>
    public static bool VerifySecret(string secret, string hash) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(secret)), Convert.FromHexString(hash));
}
