namespace Runs.Store;

/// <summary>A tool call that has a result.</summary>
/// <param name="ToolCallId">The id of the tool call.</param>
/// <param name="Fingerprint">The SHA-256 hash of the canonical result, in lower-case hex.</param>
/// <param name="IsError">Whether the tool failed.</param>
public sealed record ToolResult(string ToolCallId, string Fingerprint, bool IsError);
