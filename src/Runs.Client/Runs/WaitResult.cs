using Runs.Contracts;

namespace Runs.Client;

/// <summary>The response to a wait.</summary>
public sealed record WaitResult
{
    /// <summary>Whether the run waits. False when the tool call already has its result.</summary>
    public required bool Waiting { get; init; }

    /// <summary>The id of the input request, when the wait has a form; otherwise null.</summary>
    public string? InputRequestId { get; init; }

    /// <summary>The current run.</summary>
    public required RunResource Run { get; init; }
}
