namespace Runs.Worker;

/// <summary>The response to a renewal of one lease: null when the attempt has ended.</summary>
internal sealed record LeaseResponse
{
    public ClaimedRun? Run { get; init; }
}
