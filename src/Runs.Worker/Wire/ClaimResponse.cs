namespace Runs.Worker;

/// <summary>The response to a claim.</summary>
internal sealed record ClaimResponse
{
    public ClaimedRun? Run { get; init; }

    public IReadOnlyList<ClaimedRun>? Runs { get; init; }

    public IReadOnlyList<ClaimedRun> All => Runs ?? (Run is null ? [] : [Run]);
}
