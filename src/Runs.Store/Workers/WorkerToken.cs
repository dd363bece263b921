namespace Runs.Store;

/// <summary>
/// A token of one process of a worker. The token itself is not stored, only its hash: it has 256 random bits, so an
/// unsalted hash is safe to store.
/// </summary>
public sealed record WorkerToken : StoredRecord
{
    /// <summary>The maximum number of tokens that a worker has at a time.</summary>
    public const int MaxPerWorker = 16;

    /// <summary>How long a token is valid after its last use.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>The age after which a token is replaced when it is used for a heartbeat.</summary>
    public static readonly TimeSpan RotationAge = TimeSpan.FromHours(12);

    /// <summary>How long a token is valid after it was first replaced.</summary>
    public static readonly TimeSpan RotationOverlap = TimeSpan.FromHours(1);

    /// <summary>
    /// The minimum time between two replacements of one token. A worker that did not receive the first replacement gets
    /// another one after this time.
    /// </summary>
    public static readonly TimeSpan RotationInterval = TimeSpan.FromMinutes(5);

    /// <summary>How precisely the last use is recorded.</summary>
    public static readonly TimeSpan UsePrecision = TimeSpan.FromMinutes(10);

    /// <summary>The SHA-256 hash of the token, in lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>When the token was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last recorded use; <see cref="CreatedAt"/> before the first.</summary>
    public required DateTimeOffset LastUsedAt { get; init; }

    /// <summary>The end of the token's validity.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When the token was last replaced; null for a token that was not.</summary>
    public DateTimeOffset? ReplacedAt { get; init; }

    /// <summary>Creates the record of a new token.</summary>
    public static WorkerToken Create(string sha256, DateTimeOffset now) => new()
    {
        Sha256 = sha256,
        CreatedAt = now,
        LastUsedAt = now,
        ExpiresAt = now + Lifetime,
    };

    /// <summary>Whether the token is valid at <paramref name="time"/>.</summary>
    public bool IsValidAt(DateTimeOffset time) => time < ExpiresAt;

    /// <summary>Whether a use at <paramref name="time"/> is to be recorded: the first one, and then few.</summary>
    public bool IsUseDue(DateTimeOffset time) =>
        time > LastUsedAt && (LastUsedAt == CreatedAt || time - LastUsedAt >= UsePrecision);

    /// <summary>
    /// Whether a heartbeat at <paramref name="time"/> with this token replaces it.
    /// </summary>
    public bool IsRotationDue(DateTimeOffset time) =>
        time - CreatedAt > RotationAge && (ReplacedAt is not { } replaced || time - replaced >= RotationInterval);
}
