using Runs.Contracts;

namespace Runs.Client;

/// <summary>What a run waits for.</summary>
public sealed record RunWait
{
    /// <summary><see cref="WaitingReasons"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>The tool call whose result is awaited; required with reason <c>tool</c>. 1-128 characters.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The tool's name. 1-255 characters.</summary>
    public string? ToolName { get; init; }

    /// <summary>The time at which the run fails with <c>WAIT_EXPIRED</c>; never when absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// The form to open, with reason <c>input</c>. Requires <see cref="ToolCallId"/>.
    /// </summary>
    public InputForm? InputRequest { get; init; }

    /// <summary>The attempt that waits.</summary>
    public int? Attempt { get; init; }

    /// <summary>Whether the worker gives the run back while it waits. Requires <see cref="Attempt"/>.</summary>
    public bool Release { get; init; }
}
