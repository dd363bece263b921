using Runs.Contracts;

namespace Runs.Client;

/// <summary>The response to a complete.</summary>
public sealed record CompleteResult
{
    /// <summary>Whether the run has ended with the reported status.</summary>
    public required bool Completed { get; init; }

    /// <summary>Whether only the attempt ended, and the run is executed again.</summary>
    public bool Retrying { get; init; }

    /// <summary>
    /// The time before which the next attempt does not begin; null if it may begin at once or there is none.
    /// </summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The current run.</summary>
    public required RunResource Run { get; init; }
}
