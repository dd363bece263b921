using Runs.Contracts;

namespace Runs.Client;

/// <summary>One execution of a run.</summary>
public sealed record RunAttempt
{
    /// <summary>The number of the attempt, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>The worker that claimed the run; null when the run was started without a claim.</summary>
    public string? WorkerId { get; init; }

    /// <summary>The key of the worker.</summary>
    public string? WorkerKey { get; init; }

    /// <summary>When the attempt began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the attempt ended; null for the current one.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary><see cref="AttemptOutcomes"/>: how the attempt ended; null for the current one.</summary>
    public string? Outcome { get; init; }

    /// <summary>Why the attempt failed. A long message is shortened.</summary>
    public RunError? Error { get; init; }

    /// <summary>The time before which the next attempt did not begin; null when it might begin at once.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}
