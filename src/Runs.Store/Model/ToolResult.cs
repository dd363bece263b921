using Runs.Contracts;

namespace Runs.Store;

/// <summary>A wait that has a result.</summary>
/// <param name="ToolCallId">The id of the tool call; empty for a wait without one.</param>
/// <param name="Fingerprint">
/// The SHA-256 hash of the canonical result, in lower-case hex. It identifies a result that is sent again.
/// </param>
/// <param name="IsError">Whether the tool failed.</param>
/// <param name="Result">
/// The result, exactly as sent; null when it is no longer kept. A later attempt that makes the call again gets it.
/// </param>
/// <param name="Reason">What the run waited for; null in documents of earlier releases.</param>
public sealed record ToolResult(string ToolCallId, string Fingerprint, bool IsError, RawJson? Result = null, string? Reason = null)
    : StoredRecord;
