using System.Text;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Decides the outcome of a result from the run and the message only.</summary>
internal static class ResumeRunDecision
{
    /// <summary>The number of characters of tool results that a run keeps for later attempts.</summary>
    public const int MaxValueCharacters = 256 * 1024;

    /// <summary>The outcome of <paramref name="command"/> for <paramref name="run"/>.</summary>
    public static ResumeRunOutcome Decide(Run run, ResumeRun command, Guid? messageId)
    {
        if (run.HasProcessed(messageId))
        {
            return ResumeRunOutcome.Duplicate;
        }

        if (MatchesCurrentWait(run, command))
        {
            return run.IsBetweenAttempts() ? ResumeRunOutcome.AwaitedBySuspendedRun : ResumeRunOutcome.AwaitedResult;
        }

        if (run.ToolResults.FindLast(result => result.ToolCallId == command.ToolCallId) is not { } recorded)
        {
            return ResumeRunOutcome.NotAwaited;
        }

        var result = CreateToolResult(command);
        return recorded.Fingerprint == result.Fingerprint && recorded.IsError == result.IsError
            ? ResumeRunOutcome.Duplicate
            : ResumeRunOutcome.ResultConflict;
    }

    /// <summary>The stored form of a result.</summary>
    public static ToolResult CreateToolResult(ResumeRun command)
    {
        var value = command.Result.ToElement();
        return new ToolResult(
            command.ToolCallId ?? "",
            CanonicalJson.ComputeFingerprint(value),
            command.IsError,
            FieldRules.GetUtf8ByteCount(command.Result) <= FieldLimits.MaxResultBytes
                ? command.Result
                : new RawJson(Encoding.UTF8.GetString(CanonicalJson.Canonicalize(value).WrittenSpan))); // without white space
    }

    /// <summary>
    /// Removes the values of the oldest results, until the others have at most <see cref="MaxValueCharacters"/>.
    /// </summary>
    public static void KeepLatestValues(List<ToolResult> results)
    {
        var total = 0L;
        for (var i = results.Count - 1; i >= 0; i--)
        {
            total += results[i].Result?.Text.Length ?? 0;
            if (total > MaxValueCharacters)
            {
                results[i] = results[i] with { Result = null };
            }
        }
    }

    private static bool MatchesCurrentWait(Run run, ResumeRun command) =>
        run.Status == RunStatuses.Waiting
        && run.WaitingToolCallId == command.ToolCallId
        && (command.Reason ?? run.WaitingReason) == run.WaitingReason
        // A form is answered by a responder, not by the executor that requested it.
        && (command.Responder is not null) == run.InputRequests.Exists(
            request => request.Status == InputRequestStatuses.Open && request.ToolCallId == command.ToolCallId);
}
