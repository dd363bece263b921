using Runs.Contracts;

namespace Runs.Client.Http;

/// <summary>The body of a complete.</summary>
internal sealed record OutcomeBody
{
    public required string Status { get; init; }

    public RawJson? Output { get; init; }

    public RawJson? Metadata { get; init; }

    public string? TerminalErrorCode { get; init; }

    public string? TerminalErrorMessage { get; init; }

    public string? Logs { get; init; }

    public RawJson? Artifacts { get; init; }

    public int? ExitCode { get; init; }

    public int? Attempt { get; init; }

    public bool? Retryable { get; init; }

    public int? RetryAfterSeconds { get; init; }
}
