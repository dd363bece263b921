namespace Runs.Worker;

/// <summary>The response to a registration.</summary>
internal sealed record RegisterResponse
{
    public required WorkerResource Worker { get; init; }

    /// <summary>The credential of the worker's calls. Never logged.</summary>
    public required string Token { get; init; }
}
