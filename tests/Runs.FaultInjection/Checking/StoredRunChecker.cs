using System.Globalization;
using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Checking;

/// <summary>Checks that a stored run is consistent: its log, its times, and its place in the tree.</summary>
internal sealed class StoredRunChecker(Experiment experiment, IReadOnlyDictionary<string, StoredRun> runs)
{
    private const int MaxDepth = 100_000;

    public void Check(StoredRun run)
    {
        CheckEventIds(run);
        CheckFirstAndLastEvent(run);
        CheckTimes(run);
        CheckTree(run);
    }

    private void CheckEventIds(StoredRun run)
    {
        var ids = run.Log.Select(logged => logged["event_id"].ToInt64()).ToList();
        var sequences = run.Log
            .Where(logged => logged.Contains("external_sequence"))
            .Select(logged => logged["external_sequence"].ToInt64())
            .ToList();
        var (latestId, latestSequence) = (run.GetNumber("latest_event_id"), run.GetNumber("latest_external_event_sequence"));
        if (!IsGapless(ids) || !IsGapless(sequences) || ids.Count != latestId || sequences.Count != latestSequence)
        {
            experiment.Violations.Add(
                Invariants.GaplessEventIds,
                $"{run.Id}: ids {string.Join(',', ids)}, sequences {string.Join(',', sequences)}, "
                + $"cursors {latestId} and {latestSequence}");
        }
    }

    private void CheckFirstAndLastEvent(StoredRun run)
    {
        var types = run.Log.Select(logged => logged["event_type"].AsString).ToList();
        var expectedEnd = run.Status == "completed" ? "RUN_FINISHED" : "RUN_ERROR";
        var endCount = types.Count(type => type is "RUN_FINISHED" or "RUN_ERROR");
        var isEndValid = run.IsFinished ? endCount == 1 && types[^1] == expectedEnd : endCount == 0;
        var startCount = types.Count(type => type == "RUN_STARTED");
        var isStartValid = run.GetTime("started_at") is null
            ? startCount == 0
            : startCount == 1 && types[0] == "RUN_STARTED";
        if (!isEndValid || !isStartValid)
        {
            experiment.Violations.Add(
                Invariants.TerminalEventLast,
                $"{run.Id} is {run.Status}; log: {string.Join(' ', types)}");
        }
    }

    private void CheckTimes(StoredRun run)
    {
        List<DateTime> logTimes = [.. run.Log.Select(logged => logged["created_at"].ToUniversalTime())];
        List<DateTime?> optionalTimes =
        [
            run.GetTime("created_at"), run.GetTime("started_at"), run.GetTime("completed_at"), run.GetTime("updated_at"),
        ];
        var runTimes = optionalTimes.OfType<DateTime>().ToList();
        if (!logTimes.SequenceEqual(logTimes.Order()) || !runTimes.SequenceEqual(runTimes.Order()))
        {
            var times = runTimes.Concat(logTimes).Select(time => time.ToString("O", CultureInfo.InvariantCulture));
            experiment.Violations.Add(Invariants.MonotonicTimes, $"{run.Id}: {string.Join(", ", times)}");
        }
    }

    private void CheckTree(StoredRun run)
    {
        var root = run;
        for (var depth = 0; root.ParentRunId is { } parentId && depth < MaxDepth; depth++)
        {
            if (!runs.TryGetValue(parentId, out var parent))
            {
                experiment.Violations.Add(Invariants.RootRunIds, $"{run.Id}: its ancestor {parentId} is not stored");
                return;
            }

            if (parent.Status == "cancelled" && !run.IsFinished)
            {
                experiment.Violations.Add(
                    Invariants.CascadingCancellation,
                    $"{run.Id} is {run.Status}, and {parent.Id} above it was cancelled");
            }

            root = parent;
        }

        if (run.Document["root_run_id"].AsString != root.Id)
        {
            experiment.Violations.Add(
                Invariants.RootRunIds,
                $"{run.Id}: {run.Document["root_run_id"]} instead of {root.Id}");
        }
    }

    private static bool IsGapless(List<long> numbers) => numbers.Index().All(entry => entry.Item == entry.Index + 1);
}
