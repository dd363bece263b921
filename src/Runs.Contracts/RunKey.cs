using System.Security.Cryptography;
using System.Text;

namespace Runs.Contracts;

/// <summary>
/// The internal key of a run: a UUIDv8 made of the SHA-256 of tenant and run id. Equal pairs meet in one stored document, which is how
/// duplicates are found, and two tenants can never meet.
/// </summary>
public static class RunKey
{
    /// <summary>The key of <paramref name="runId"/> in <paramref name="tenant"/>. Always the same for the same pair.</summary>
    public static Guid Of(string tenant, string runId) => Hash($"{tenant}\0{runId}");

    /// <summary>An id that belongs to <paramref name="key"/>, one for each <paramref name="purpose"/>, always the same.</summary>
    public static Guid Derive(Guid key, string purpose) => Hash($"{key:N}\0{purpose}");

    private static Guid Hash(string text)
    {
        Span<byte> utf8 = stackalloc byte[512];
        var bytes = Encoding.UTF8.GetMaxByteCount(text.Length) <= utf8.Length
            ? utf8[..Encoding.UTF8.GetBytes(text, utf8)]
            : Encoding.UTF8.GetBytes(text);

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80); // version 8, RFC 9562 section 5.8
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80); // variant
        return new Guid(hash[..16], bigEndian: true);
    }
}
