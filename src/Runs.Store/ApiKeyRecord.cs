using Runs.Contracts;

namespace Runs.Store;

/// <summary>An API key, <c>vf_&lt;prefix&gt;_&lt;secret&gt;</c>, as it is stored: without the secret.</summary>
public sealed record ApiKeyRecord
{
    /// <summary>What the key is found by. Letters and digits; unique among all tenants.</summary>
    public required string Prefix { get; init; }

    /// <summary>SHA-256 of the secret, in lower-case hex.</summary>
    public required string SecretSha256 { get; init; }

    /// <summary>The account that the key belongs to.</summary>
    public required string Tenant { get; init; }

    /// <summary>A UUID: the user that runs are created by.</summary>
    public string? UserId { get; init; }

    /// <summary>What the key may do.</summary>
    public List<string> Scopes { get; init; } = [];

    /// <summary>The projects whose runs the key may see and make. Empty: all of the tenant.</summary>
    public List<string> Projects { get; init; } = [];

    /// <summary><see cref="ResponderTypes"/>: who answers with this key.</summary>
    public required string ActorType { get; init; }

    /// <summary>When the key was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the key begins to be valid.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>When the key ceases to be valid. A revoked key has the time of its revocation.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Whether the key is valid at <paramref name="time"/>.</summary>
    public bool IsValidAt(DateTimeOffset time) => (NotBefore is null || time >= NotBefore) && (NotAfter is null || time < NotAfter);
}
