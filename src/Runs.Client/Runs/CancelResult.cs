using Runs.Contracts;

namespace Runs.Client;

/// <summary>The response to a cancel.</summary>
public sealed record CancelResult
{
    /// <summary>Whether this call ended the run. False when it had already ended, with any status.</summary>
    public required bool Cancelled { get; init; }

    /// <summary>The current run.</summary>
    public required RunResource Run { get; init; }
}
