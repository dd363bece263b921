using System.Security.Cryptography;
using System.Text;

namespace Runs.Store;

/// <summary>
/// Derives the internal key of a run: a UUIDv8 from the SHA-256 hash of tenant and run id. Equal pairs map to the same
/// stored document, which is how duplicates are detected. Runs of different tenants never share a document. The ids of
/// workers are derived in the same way.
/// </summary>
public static class RunIds
{
    /// <summary>
    /// Returns the key of <paramref name="runId"/> in <paramref name="tenant"/>. It is deterministic.
    /// </summary>
    public static Guid ForRun(string tenant, string runId) => HashToUuid($"{tenant}\0{runId}");

    /// <summary>
    /// Returns the id of the worker that these members identify. It is deterministic. None of them has a control
    /// character.
    /// </summary>
    public static Guid ForWorker(string tenant, string projectId, string implementationKind, string workerKey) =>
        HashToUuid($"{tenant}\0{projectId}\0{implementationKind}\0{workerKey}");

    /// <summary>
    /// Derives an id from <paramref name="id"/>, a different one for each <paramref name="purpose"/>. It is
    /// deterministic.
    /// </summary>
    public static Guid Derive(Guid id, string purpose) => HashToUuid($"{id:N}\0{purpose}");

    private static Guid HashToUuid(string text)
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
