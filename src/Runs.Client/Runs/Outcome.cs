using Runs.Client.Http;
using Runs.Contracts;

namespace Runs.Client;

/// <summary>How a run, or an attempt, ended.</summary>
public sealed record Outcome
{
    private Outcome()
    {
    }

    /// <summary><c>completed</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public string Status { get; private init; } = "";

    /// <summary>The result of a completed run: any JSON value.</summary>
    public RawJson? Output { get; init; }

    /// <summary>A JSON object, such as an agent's usage.</summary>
    public RawJson? Metadata { get; init; }

    /// <summary>A failure's code, for programs. At most 255 characters.</summary>
    public string? ErrorCode { get; private init; }

    /// <summary>A failure's message, for people. At most 65,536 characters.</summary>
    public string? ErrorMessage { get; private init; }

    /// <summary>Log text, at most 4 MiB.</summary>
    public string? Logs { get; init; }

    /// <summary>A JSON array.</summary>
    public RawJson? Artifacts { get; init; }

    /// <summary>The process exit code. 0 or 1 by outcome when absent, except for agent runs.</summary>
    public int? ExitCode { get; init; }

    /// <summary>
    /// The attempt that ended. A failure that names it may be retried; without it, the outcome is final.
    /// </summary>
    public int? Attempt { get; init; }

    /// <summary>Whether another attempt may follow a failure. True when absent.</summary>
    public bool? Retryable { get; init; }

    /// <summary>The delay before the next attempt, up to a day. It grows with every failure when absent.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The run has completed.</summary>
    /// <param name="output">A value that becomes JSON with camelCase members, or null for none.</param>
    public static Outcome Completed(object? output = null) => new()
    {
        Status = RunStatuses.Completed,
        Output = output is null ? null : ApiJson.ToRawJson(output),
    };

    /// <summary>The run, or its attempt, has failed.</summary>
    public static Outcome Failed(string code, string message) => new()
    {
        Status = RunStatuses.Failed,
        ErrorCode = code,
        ErrorMessage = message,
    };

    /// <summary>The executor has cancelled the run.</summary>
    public static Outcome Cancelled() => new() { Status = RunStatuses.Cancelled };

    internal OutcomeBody ToBody() => new()
    {
        Status = Status,
        Output = Output,
        Metadata = Metadata,
        TerminalErrorCode = ErrorCode,
        TerminalErrorMessage = ErrorMessage,
        Logs = Logs,
        Artifacts = Artifacts,
        ExitCode = ExitCode,
        Attempt = Attempt,
        Retryable = Retryable,
        RetryAfterSeconds = RetryAfter is { } delay ? (int)Math.Ceiling(delay.TotalSeconds) : null,
    };
}
