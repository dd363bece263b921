using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Runs.Api.Authentication;

/// <summary>
/// Tokens of workers: <c>vfw_&lt;worker id, 32 hex digits&gt;_&lt;secret&gt;</c>. The secret is 256 random bits in
/// base64url, so an unsalted hash of it is safe to store.
/// </summary>
internal static class WorkerTokenFormat
{
    public const string Prefix = "vfw_";

    private const int IdLength = 32;
    private const int SecretSizeInBytes = 32;
    private const int SecretLength = 43;

    /// <summary>Whether the text begins like a worker's token.</summary>
    public static bool HasPrefix(string credential) => credential.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Splits a token. False when it is malformed.</summary>
    public static bool TryParse(string token, out Guid workerId, out string secret)
    {
        (workerId, secret) = (default, "");
        if (!HasPrefix(token)
            || token.Length != Prefix.Length + IdLength + 1 + SecretLength
            || token[Prefix.Length + IdLength] != '_'
            || !Guid.TryParseExact(token.AsSpan(Prefix.Length, IdLength), "N", out workerId))
        {
            return false;
        }

        secret = token[^SecretLength..];
        return true;
    }

    /// <summary>Creates a token, which is shown once and never stored, and the hash that is stored.</summary>
    public static (string Token, string Sha256) Create(Guid workerId)
    {
        Span<byte> random = stackalloc byte[SecretSizeInBytes];
        RandomNumberGenerator.Fill(random);
        var secret = Base64Url.EncodeToString(random);
        return ($"{Prefix}{workerId:N}_{secret}", ComputeHash(secret));
    }

    /// <summary>The stored hash of a secret: SHA-256 in lower-case hex.</summary>
    public static string ComputeHash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Compares two hashes in constant time.</summary>
    public static bool HashesEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(one.AsSpan()), MemoryMarshal.AsBytes(other.AsSpan()));
}
