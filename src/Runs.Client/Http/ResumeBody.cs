using Runs.Contracts;

namespace Runs.Client.Http;

/// <summary>The body of a resume.</summary>
internal sealed record ResumeBody(string Type, string ToolCallId, RawJson Result, bool IsError);
