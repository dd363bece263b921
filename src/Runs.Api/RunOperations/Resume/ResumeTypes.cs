using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>What resumes a run: the values of <c>type</c> in the body of a resume.</summary>
internal static class ResumeTypes
{
    public const string ToolResult = "tool_result";

    /// <summary>Every type. The others are the reason of the wait that they end.</summary>
    public static IReadOnlyList<string> All { get; } = [ToolResult, WaitingReasons.Approval, WaitingReasons.Event];
}
