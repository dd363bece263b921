using Runs.Contracts;

namespace Runs.Store;

/// <summary>
/// A stored API key, <c>vf_&lt;prefix&gt;_&lt;secret&gt;</c>. The secret itself is not stored, only its hash.
/// </summary>
public sealed record ApiKeyRecord : StoredRecord
{
    /// <summary>The lookup key. Letters and digits; unique across all tenants.</summary>
    public required string Prefix { get; init; }

    /// <summary>The SHA-256 hash of the secret, in lower-case hex.</summary>
    public required string SecretSha256 { get; init; }

    /// <summary>The account that the key belongs to.</summary>
    public required string Tenant { get; init; }

    /// <summary>The UUID of the user who is recorded as the creator of runs that are created with this key.</summary>
    public string? UserId { get; init; }

    /// <summary>The operations that the key permits.</summary>
    public List<string> Scopes { get; init; } = [];

    /// <summary>The projects whose runs the key may read and create. Empty: all projects of the tenant.</summary>
    public List<string> Projects { get; init; } = [];

    /// <summary>The type of responder that authenticates with this key: one of <see cref="ResponderTypes"/>.</summary>
    public required string ActorType { get; init; }

    /// <summary>When the key was created.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The start of the key's validity; null for no lower bound.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>
    /// The expiry of the key; null if it does not expire. For a revoked key, this is the time of its revocation.
    /// </summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Returns whether the key is valid at <paramref name="time"/>.</summary>
    public bool IsValidAt(DateTimeOffset time) => (NotBefore is null || time >= NotBefore) && (NotAfter is null || time < NotAfter);
}
