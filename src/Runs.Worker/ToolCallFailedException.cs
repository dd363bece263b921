using Runs.Contracts;

namespace Runs.Worker;

/// <summary>The tool call that a run waited for has failed, or its form was closed without values.</summary>
/// <param name="callId">The tool call.</param>
/// <param name="result">What the tool returned, or null.</param>
public sealed class ToolCallFailedException(string callId, RawJson? result) : Exception($"The tool call {callId} has failed.")
{
    /// <summary>The tool call.</summary>
    public string CallId { get; } = callId;

    /// <summary>What the tool returned: any JSON value, or null.</summary>
    public RawJson? Result { get; } = result;
}
