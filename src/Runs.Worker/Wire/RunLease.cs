namespace Runs.Worker;

/// <summary>What a heartbeat says about an attempt.</summary>
internal sealed record RunLease
{
    public required string RunId { get; init; }

    public required int Attempt { get; init; }

    /// <summary>Null when the attempt has ended.</summary>
    public DateTimeOffset? LeaseExpiresAt { get; init; }

    /// <summary>The status of the run.</summary>
    public string? Status { get; init; }
}
