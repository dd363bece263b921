using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using Runs.FaultInjection.Execution;
using Runs.FaultInjection.Storage;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Checking;

/// <summary>Checks the attempts of a stored run, and the replies to its worker.</summary>
internal sealed class AttemptChecker(InvariantViolations violations)
{
    public void Check(StoredRun run)
    {
        var attempts = GetAttempts(run);
        var numbers = attempts.ConvertAll(attempt => attempt["attempt"].ToInt64());
        var open = attempts.Count(attempt => !attempt.Contains("ended_at"));
        var isExecuted = run is { Status: "running", Phase: null };
        var mayBeOpen = isExecuted || run.Status == "waiting";
        var isConsistent = numbers.SequenceEqual(Enumerable.Range(1, numbers.Count).Select(number => (long)number))
            && numbers.Count == run.GetNumber("attempt")
            && open <= (mayBeOpen ? 1 : 0)
            && (!isExecuted || open == 1)
            && attempts.SkipLast(1).All(attempt => attempt.Contains("ended_at"))
            && (!run.Document.Contains("lease_owner") || open == 1);
        if (!isConsistent)
        {
            violations.Add(
                Invariants.OneAttemptAtATime,
                $"{run.Id} is {run.Phase ?? run.Status} in attempt {run.GetNumber("attempt")}: {new BsonArray(attempts)}");
        }

        CheckFailures(run, attempts);
        CheckOutcome(run);
    }

    /// <summary>Checks that each claim that was answered has an attempt of its own.</summary>
    public void Check(TrackedRun trackedRun, StoredRun run)
    {
        var claimed = trackedRun.ClaimedAttempts;
        if (claimed.Distinct().Count() != claimed.Count || claimed.Any(attempt => attempt > run.GetNumber("attempt")))
        {
            violations.Add(
                Invariants.OneAttemptAtATime,
                $"{run.Id} has {run.GetNumber("attempt")} attempts; its worker was given {string.Join(", ", claimed)}");
        }
    }

    // The outcomes of workers name their attempt.
    private void CheckOutcome(StoredRun run)
    {
        foreach (var attempt in run.Attempts.Where(attempt => attempt.ErrorMessage is not null))
        {
            if (EventNames.ReadMessage(attempt.ErrorMessage!) is { } reporter && reporter != attempt.Number)
            {
                violations.Add(
                    Invariants.OneAttemptAtATime,
                    $"{run.Id}: attempt {attempt.Number} has the outcome that attempt {reporter} has reported");
            }
        }

        var last = run.Attempts.Count > 0 ? run.Attempts[^1] : null;
        if (ReadOutput(run) is { } author && (author != last?.Number || last.Outcome != "completed"))
        {
            violations.Add(
                Invariants.OneAttemptAtATime,
                $"{run.Id} has the output of attempt {author}; its last attempt {last?.Number} is {last?.Outcome}");
        }
    }

    private static int? ReadOutput(StoredRun run) =>
        run.Document.TryGetValue("output", out var output)
        && output.IsString
        && BsonSerializer.Deserialize<BsonValue>(output.AsString) is BsonDocument value
        && value.TryGetValue("attempt", out var attempt)
            ? attempt.ToInt32()
            : null;

    private void CheckFailures(StoredRun run, List<BsonDocument> attempts)
    {
        var failed = attempts.Count(attempt => attempt.GetValue("outcome", "").AsString == "failed");
        var lost = attempts.Count(attempt => attempt.GetValue("outcome", "").AsString == "lost");
        var isWithinLimit = run.Document.Contains("backoff_limit")
            ? failed + lost <= run.GetNumber("backoff_limit") + 1
            : failed <= 1 && lost <= DefaultLostAttempts + 1;
        if (failed + lost != run.GetNumber("failed_attempts") || !isWithinLimit)
        {
            violations.Add(
                Invariants.RetryLimit,
                $"{run.Id} counts {run.GetNumber("failed_attempts")} failures: {new BsonArray(attempts)}");
        }
    }

    // Execution__LostAttempts. Without a limit, a failure that a worker reports is final.
    private const int DefaultLostAttempts = 3;

    private static List<BsonDocument> GetAttempts(StoredRun run) =>
        run.Document.TryGetValue("attempts", out var attempts)
            ? [.. attempts.AsBsonArray.Select(attempt => attempt.AsBsonDocument)]
            : [];
}
