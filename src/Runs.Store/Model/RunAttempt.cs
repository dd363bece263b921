using Runs.Contracts;

namespace Runs.Store;

/// <summary>
/// One execution of a run: from a claim, or a start without a claim, to its end. A run has at most one attempt that has
/// not ended.
/// </summary>
public sealed record RunAttempt : StoredRecord
{
    /// <summary>The number of attempts that a run keeps.</summary>
    public const int MaxPerRun = 50;

    /// <summary>The maximum length of the message of <see cref="Error"/>.</summary>
    public const int MaxErrorMessageLength = 1024;

    /// <summary>The number of the attempt, from 1.</summary>
    public int Attempt { get; set; }

    /// <summary>The worker that claimed the run; null when the run was started without a claim.</summary>
    public string? WorkerId { get; set; }

    /// <summary>The key that the worker named in its claim.</summary>
    public string? WorkerKey { get; set; }

    /// <summary>Identifies the claim, so that a repeat of it is recognized.</summary>
    public string? ClaimId { get; set; }

    /// <summary>When the attempt began.</summary>
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>When the attempt ended; null for the current one.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>One of <see cref="AttemptOutcomes"/>; null for the current attempt.</summary>
    public string? Outcome { get; set; }

    /// <summary>
    /// Why the attempt failed, with a message of at most <see cref="MaxErrorMessageLength"/> characters and without
    /// details.
    /// </summary>
    public RunError? Error { get; set; }

    /// <summary>The time before which the next attempt did not begin; null when it might begin at once.</summary>
    public DateTimeOffset? RetryAt { get; set; }
}
