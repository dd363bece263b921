using System.Text.Json;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Checking;

/// <summary>Compares what callers and listeners were told with what is stored in the end. Everything that does not fit is a violation.</summary>
internal sealed class InvariantChecker(Experiment experiment, EventSubscriber subscriber, IReadOnlyList<StoredRun> stored)
{
    private readonly Dictionary<string, StoredRun> _byId = stored.GroupBy(run => run.Id).ToDictionary(same => same.Key, same => same.First());

    public void Check()
    {
        foreach (var same in stored.GroupBy(run => (run.Document["tenant"].AsString, run.Id)).Where(same => same.Count() > 1))
        {
            experiment.Violations.Add(Invariants.NoDuplicateRuns, $"{same.Key.Id}: {same.Count()} runs");
        }

        foreach (var run in _byId.Values)
        {
            CheckLog(run);
            CheckTimes(run);
            CheckTree(run);
            CheckPublishedEvents(run);
        }

        foreach (var subject in experiment.TrackedRuns.Values)
        {
            Check(subject, _byId.GetValueOrDefault(subject.Id));
        }

        foreach (var (run, fact) in subscriber.Events.Keys.Where(told => !_byId.ContainsKey(told.Run)))
        {
            experiment.Violations.Add(Invariants.NoLostRuns, $"{run}: {fact} was told, and there is no such run");
        }
    }

    /// <summary>Reads every run again over HTTP, as people do, and compares.</summary>
    public async Task CheckHttpReads(RecordingHttpClient http)
    {
        var (shown, cursor) = (new Dictionary<string, string>(), default(string));
        var reader = new TrackedRun("list", null);
        do
        {
            var page = await http.SendWithRetry(
                HttpMethod.Get, $"/projects/{experiment.ProjectId}/runs?limit=100{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}", null, "list", reader);
            if (page.Status != 200)
            {
                experiment.Violations.Add(Invariants.DocumentedResponses, $"list: {page.Status} {page.Code}");
                return;
            }

            foreach (var run in page.Body.GetProperty("data").EnumerateArray())
            {
                if (!shown.TryAdd(run.GetProperty("run_id").GetString()!, run.GetProperty("status").GetString()!))
                {
                    experiment.Violations.Add(Invariants.NoDuplicateRuns, $"{run.GetProperty("run_id")} is on two pages");
                }
            }

            cursor = page.Body.GetProperty("page_info").GetProperty("next") is { ValueKind: JsonValueKind.String } next ? next.GetString() : null;
        }
        while (cursor is not null);

        foreach (var run in _byId.Values.Where(run => shown.GetValueOrDefault(run.Id) != run.Status))
        {
            experiment.Violations.Add(Invariants.NoLostRuns, $"{run.Id} is stored {run.Status}, and HTTP shows {shown.GetValueOrDefault(run.Id) ?? "nothing"}");
        }
    }

    private void Check(TrackedRun subject, StoredRun? run)
    {
        if (subject.CreatedReplies > 1)
        {
            experiment.Violations.Add(Invariants.CreatedOnce, $"{subject.Id}: {subject.CreatedReplies} calls were told that they created it");
        }

        if (run is null || run.Status == "cancellation_pending")
        {
            if (subject.MustExist)
            {
                experiment.Violations.Add(Invariants.NoLostRuns, $"{subject.Id} is not stored");
            }
            else if (subject.IsRejected && !HasCancelledAncestor(subject))
            {
                experiment.Violations.Add(Invariants.DocumentedResponses, $"{subject.Id} was refused for its parent, and no run above it is cancelled");
            }

            return;
        }

        if (subject.MustBeFinished && !run.IsFinished)
        {
            experiment.Violations.Add(Invariants.NoLostRuns, $"{subject.Id}: what ends it was answered or confirmed, and it is {run.Status}");
        }

        CheckOutcomes(subject, run);
        CheckObservations(subject, run);
        CheckAppends(subject, run);
    }

    private bool HasCancelledAncestor(TrackedRun trackedRun)
    {
        var above = trackedRun.Parent is { } parent ? _byId.GetValueOrDefault(parent.Id) : null;
        while (above is { Status: not "cancelled" })
        {
            above = above.ParentRunId is { } next ? _byId.GetValueOrDefault(next) : null;
        }

        return above is not null;
    }

    private void CheckOutcomes(TrackedRun trackedRun, StoredRun run)
    {
        var changed = trackedRun.Outcomes.Where(outcome => outcome.Changed).ToList();
        if (changed.Count > 1 || changed.Exists(outcome => outcome.Asked != run.Status))
        {
            experiment.Violations.Add(Invariants.FirstOutcomeWins, $"{trackedRun.Id} is {run.Status}; told to have made it so: {string.Join(", ", changed.Select(outcome => outcome.Asked))}");
        }
    }

    private void CheckObservations(TrackedRun trackedRun, StoredRun run)
    {
        var last = new Observation(
            Clock.ElapsedSeconds, Clock.ElapsedSeconds, run.Status, run.GetTime("created_at")!.Value, run.GetTime("updated_at")!.Value, run.GetTime("started_at"), run.GetTime("completed_at"));
        var all = trackedRun.Observations.Append(last).OrderBy(seen => seen.End).ToList();
        foreach (var (i, later) in all.Index())
        {
            // Calls at the same time have no order.
            foreach (var earlier in all.Take(i).Where(seen => seen.End < later.Start))
            {
                if (!StatusTransitions.CanFollow(earlier.Status, later.Status))
                {
                    experiment.Violations.Add(Invariants.ValidTransitions, $"{trackedRun.Id}: {earlier.Status} at {earlier.End:0.000}, then {later.Status} at {later.Start:0.000}");
                }

                if (later.CreatedAt != earlier.CreatedAt || later.UpdatedAt < earlier.UpdatedAt
                    || (earlier.StartedAt is not null && later.StartedAt != earlier.StartedAt) || (earlier.CompletedAt is not null && later.CompletedAt != earlier.CompletedAt))
                {
                    experiment.Violations.Add(Invariants.MonotonicTimes, $"{trackedRun.Id}: {earlier}, then {later}");
                }
            }
        }
    }

    private void CheckAppends(TrackedRun trackedRun, StoredRun run)
    {
        var names = run.Log.Select(RunStoreReader.EventName).OfType<string>().ToList();
        foreach (var repeated in names.GroupBy(name => name).Where(same => same.Count() > 1))
        {
            experiment.Violations.Add(Invariants.AppendedOnce, $"{repeated.Key} is in the log {repeated.Count()} times");
        }

        foreach (var missing in trackedRun.AcknowledgedEvents.Except(names))
        {
            experiment.Violations.Add(Invariants.AppendedOnce, $"{missing} was answered and is not in the log");
        }
    }

    private void CheckLog(StoredRun run)
    {
        var ids = run.Log.Select(logged => logged["event_id"].ToInt64()).ToList();
        var sequences = run.Log.Where(logged => logged.Contains("external_sequence")).Select(logged => logged["external_sequence"].ToInt64()).ToList();
        if (!IsGapless(ids) || !IsGapless(sequences) || ids.Count != run.GetNumber("latest_event_id") || sequences.Count != run.GetNumber("latest_external_event_sequence"))
        {
            experiment.Violations.Add(
                Invariants.GaplessEventIds,
                $"{run.Id}: ids {string.Join(',', ids)}, sequences {string.Join(',', sequences)}, cursors {run.GetNumber("latest_event_id")} and {run.GetNumber("latest_external_event_sequence")}");
        }

        var ends = run.Log.Select((logged, i) => (Type: logged["event_type"].AsString, i)).Where(logged => logged.Type is "RUN_FINISHED" or "RUN_ERROR").ToList();
        var isRight = run.IsFinished
            ? ends is [var end] && end.i == run.Log.Count - 1 && end.Type == (run.Status == "completed" ? "RUN_FINISHED" : "RUN_ERROR")
            : ends.Count == 0;
        var starts = run.Log.Count(logged => logged["event_type"].AsString == "RUN_STARTED");
        if (!isRight || (run.GetTime("started_at") is null ? starts != 0 : starts != 1 || run.Log[0]["event_type"].AsString != "RUN_STARTED"))
        {
            experiment.Violations.Add(Invariants.TerminalEventLast, $"{run.Id} is {run.Status}; log: {string.Join(' ', run.Log.Select(logged => logged["event_type"].AsString))}");
        }
    }

    private void CheckTimes(StoredRun run)
    {
        List<DateTime> times = [.. run.Log.Select(logged => logged["created_at"].ToUniversalTime())];
        List<DateTime?> life = [run.GetTime("created_at"), run.GetTime("started_at"), run.GetTime("completed_at"), run.GetTime("updated_at")];
        var known = life.OfType<DateTime>().ToList();
        if (!times.SequenceEqual(times.Order()) || !known.SequenceEqual(known.Order()))
        {
            experiment.Violations.Add(Invariants.MonotonicTimes, $"{run.Id}: {string.Join(", ", known.Concat(times).Select(time => time.ToString("O", System.Globalization.CultureInfo.InvariantCulture)))}");
        }
    }

    private void CheckTree(StoredRun run)
    {
        var (root, depth) = (run, 0);
        while (root.ParentRunId is { } above && depth++ < 100_000)
        {
            if (!_byId.TryGetValue(above, out var parent))
            {
                experiment.Violations.Add(Invariants.RootRunIds, $"{run.Id}: its ancestor {above} is not stored");
                return;
            }

            if (parent.Status == "cancelled" && !run.IsFinished)
            {
                experiment.Violations.Add(Invariants.CascadingCancellation, $"{run.Id} is {run.Status}, and {parent.Id} above it was cancelled");
            }

            root = parent;
        }

        if (run.Document["root_run_id"].AsString != root.Id)
        {
            experiment.Violations.Add(Invariants.RootRunIds, $"{run.Id}: {run.Document["root_run_id"]} instead of {root.Id}");
        }
    }

    private void CheckPublishedEvents(StoredRun run)
    {
        var wasCalledOff = run.Status == "cancelled" && run.GetTime("completed_at") == run.GetTime("created_at") && run.GetNumber("version") == 2;
        foreach (var (fact, isDue) in ((string, bool)[])
        [
            ("RunAccepted", !wasCalledOff), ("RunStarted", run.GetTime("started_at") is not null), ("RunFinished", run.IsFinished),
        ])
        {
            var told = subscriber.Events.GetValueOrDefault((run.Id, fact));
            if (isDue ? told is not { Count: 1 } : told is not null && !(fact == "RunAccepted" && wasCalledOff))
            {
                experiment.Violations.Add(Invariants.EventsPublished, $"{run.Id} is {run.Status}; {fact} was told under {told?.Count ?? 0} message ids");
            }

            if (fact == "RunFinished" && told is not null && told.Values.Any(status => status != run.Status))
            {
                experiment.Violations.Add(Invariants.EventsPublished, $"{run.Id} is {run.Status}; told: {string.Join(", ", told.Values)}");
            }
        }
    }

    private static bool IsGapless(List<long> numbers) => numbers.Select((number, i) => number == i + 1).All(fits => fits);
}
