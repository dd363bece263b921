using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Runs.Api;

/// <summary>
/// API keys: <c>vf_&lt;prefix&gt;_&lt;secret&gt;</c>. The prefix finds the record and has no underscore; the secret is 256 random bits, so that a plain hash
/// of it is safe to keep.
/// </summary>
public static class ApiKey
{
    /// <summary>How long a prefix may be.</summary>
    public const int MaxPrefix = 64;

    private const string Mark = "vf_";

    /// <summary>Whether the text claims to be an API key.</summary>
    public static bool LooksLikeOne(string credential) => credential.StartsWith(Mark, StringComparison.Ordinal);

    /// <summary>Whether the text can be a key's prefix: letters and digits.</summary>
    public static bool IsPrefix(string? text) => text is { Length: > 0 and <= MaxPrefix } && text.All(char.IsAsciiLetterOrDigit);

    /// <summary>Takes a key apart at the first two underscores.</summary>
    public static bool TryParse(string key, out string prefix, out string secret)
    {
        (prefix, secret) = ("", "");
        if (!LooksLikeOne(key) || key.IndexOf('_', Mark.Length) is var end && (end <= Mark.Length || end == key.Length - 1))
        {
            return false;
        }

        (prefix, secret) = (key[Mark.Length..end], key[(end + 1)..]);
        return true;
    }

    /// <summary>A new key. It is shown once and never stored.</summary>
    public static string Create()
    {
        Span<byte> random = stackalloc byte[32];
        RandomNumberGenerator.Fill(random);
        return $"{Mark}{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 8)}_{Base64Url.EncodeToString(random)}";
    }

    /// <summary>What is stored of a secret: SHA-256 in lower-case hex.</summary>
    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Whether the secret is the one whose hash was stored, in a time that tells nothing of it.</summary>
    public static bool Matches(string secret, string hash) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(secret)), Convert.FromHexString(hash));
}
