using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>How a run ended. Output, logs, artifacts, metadata and error message together have at most 5 MiB.</summary>
public sealed record CompleteRunRequest : RequestSchema
{
    /// <summary>The outcome.</summary>
    [OneOf(typeof(RunStatuses), nameof(RunStatuses.Terminal))]
    public required string Status { get; init; }

    /// <summary>What the executor reports, such as an agent's usage.</summary>
    [JsonObject]
    public RawJson? Metadata { get; init; }

    /// <summary>The error code, for programs. With status <c>failed</c>.</summary>
    [MaxLength(FieldLimits.MaxNameLength)]
    public string? TerminalErrorCode { get; init; }

    /// <summary>
    /// The error message, for people. With status <c>failed</c>. When absent, the service generates one.
    /// </summary>
    [MaxLength(FieldLimits.MaxErrorMessageLength)]
    public string? TerminalErrorMessage { get; init; }

    /// <summary>The result: any JSON value.</summary>
    public RawJson? Output { get; init; }

    /// <summary>Log text, at most 4 MiB in UTF-8.</summary>
    public string? Logs { get; init; }

    /// <summary>An array of any JSON values.</summary>
    [JsonArray]
    public RawJson? Artifacts { get; init; }

    /// <summary>The process exit code. 0 or 1 by outcome when absent, except for agent runs.</summary>
    public int? ExitCode { get; init; }

    /// <summary>
    /// The duration in milliseconds, as measured by the executor. When absent, the time from start to end.
    /// </summary>
    [AtLeast(FieldLimits.MinDurationMs)]
    public long? DurationMs { get; init; }

    /// <summary>
    /// The number of the attempt that ended. A failure that names its attempt may be retried. Without it, the outcome
    /// is final, unless a worker holds the run with a fenced claim.
    /// </summary>
    [Range(FieldLimits.MinAttempt, int.MaxValue)]
    public int? Attempt { get; init; }

    /// <summary>Whether another attempt may follow, with status <c>failed</c>. True when absent.</summary>
    public bool? Retryable { get; init; }

    /// <summary>The delay before the next attempt in seconds. When absent, it grows with every failure.</summary>
    [Range(0, FieldLimits.MaxRetryAfterSeconds)]
    public int? RetryAfterSeconds { get; init; }
}
