using System.Text.Json;

namespace Runs.Bench.Torture;

/// <summary>Compares what callers and listeners were told with what is stored in the end. Everything that does not fit is a violation.</summary>
internal sealed class Checker(Stage stage, Listener listener, IReadOnlyList<StoredRun> stored)
{
    private readonly Dictionary<string, StoredRun> _byId = stored.GroupBy(run => run.Id).ToDictionary(same => same.Key, same => same.First());

    public void Check()
    {
        foreach (var same in stored.GroupBy(run => (run.Document["tenant"].AsString, run.Id)).Where(same => same.Count() > 1))
        {
            stage.Violations.Add(Promises.NoneDoubled, $"{same.Key.Id}: {same.Count()} runs");
        }

        foreach (var run in _byId.Values)
        {
            CheckLog(run);
            CheckTimes(run);
            CheckTree(run);
            CheckTold(run);
        }

        foreach (var subject in stage.Subjects.Values)
        {
            Check(subject, _byId.GetValueOrDefault(subject.Id));
        }

        foreach (var (run, fact) in listener.Facts.Keys.Where(told => !_byId.ContainsKey(told.Run)))
        {
            stage.Violations.Add(Promises.NoneLost, $"{run}: {fact} was told, and there is no such run");
        }
    }

    /// <summary>Reads every run again over HTTP, as people do, and compares.</summary>
    public async Task CheckOverHttp(HttpCaller http)
    {
        var (shown, cursor) = (new Dictionary<string, string>(), default(string));
        var reader = new Subject("list", null);
        do
        {
            var page = await http.Ask(
                HttpMethod.Get, $"/projects/{stage.Project}/runs?limit=100{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}", null, "list", reader);
            if (page.Status != 200)
            {
                stage.Violations.Add(Promises.Answers, $"list: {page.Status} {page.Code}");
                return;
            }

            foreach (var run in page.Body.GetProperty("data").EnumerateArray())
            {
                if (!shown.TryAdd(run.GetProperty("run_id").GetString()!, run.GetProperty("status").GetString()!))
                {
                    stage.Violations.Add(Promises.NoneDoubled, $"{run.GetProperty("run_id")} is on two pages");
                }
            }

            cursor = page.Body.GetProperty("page_info").GetProperty("next") is { ValueKind: JsonValueKind.String } next ? next.GetString() : null;
        }
        while (cursor is not null);

        foreach (var run in _byId.Values.Where(run => shown.GetValueOrDefault(run.Id) != run.Status))
        {
            stage.Violations.Add(Promises.NoneLost, $"{run.Id} is stored {run.Status}, and HTTP shows {shown.GetValueOrDefault(run.Id) ?? "nothing"}");
        }
    }

    private void Check(Subject subject, StoredRun? run)
    {
        if (subject.Creations > 1)
        {
            stage.Violations.Add(Promises.CreatedOnce, $"{subject.Id}: {subject.Creations} calls were told that they created it");
        }

        if (run is null || run.Status == "called_off")
        {
            if (subject.IsPromised)
            {
                stage.Violations.Add(Promises.NoneLost, $"{subject.Id} is not stored");
            }
            else if (subject.IsRefused && !IsBelowACancelledRun(subject))
            {
                stage.Violations.Add(Promises.Answers, $"{subject.Id} was refused for its parent, and no run above it is cancelled");
            }

            return;
        }

        if (subject.IsEndPromised && !run.HasEnded)
        {
            stage.Violations.Add(Promises.NoneLost, $"{subject.Id}: what ends it was answered or confirmed, and it is {run.Status}");
        }

        CheckOutcomes(subject, run);
        CheckObservations(subject, run);
        CheckAppends(subject, run);
    }

    private bool IsBelowACancelledRun(Subject subject)
    {
        var above = subject.Parent is { } parent ? _byId.GetValueOrDefault(parent.Id) : null;
        while (above is { Status: not "cancelled" })
        {
            above = above.Parent is { } next ? _byId.GetValueOrDefault(next) : null;
        }

        return above is not null;
    }

    private void CheckOutcomes(Subject subject, StoredRun run)
    {
        var changed = subject.Outcomes.Where(outcome => outcome.Changed).ToList();
        if (changed.Count > 1 || changed.Exists(outcome => outcome.Asked != run.Status))
        {
            stage.Violations.Add(Promises.FirstOutcome, $"{subject.Id} is {run.Status}; told to have made it so: {string.Join(", ", changed.Select(outcome => outcome.Asked))}");
        }
    }

    private void CheckObservations(Subject subject, StoredRun run)
    {
        var last = new Observation(
            Watch.Seconds, Watch.Seconds, run.Status, run.Time("created_at")!.Value, run.Time("updated_at")!.Value, run.Time("started_at"), run.Time("completed_at"));
        var all = subject.Observations.Append(last).OrderBy(seen => seen.End).ToList();
        foreach (var (i, later) in all.Index())
        {
            // Calls at the same time have no order.
            foreach (var earlier in all.Take(i).Where(seen => seen.End < later.Start))
            {
                if (!Statuses.CanFollow(earlier.Status, later.Status))
                {
                    stage.Violations.Add(Promises.Transitions, $"{subject.Id}: {earlier.Status} at {earlier.End:0.000}, then {later.Status} at {later.Start:0.000}");
                }

                if (later.CreatedAt != earlier.CreatedAt || later.UpdatedAt < earlier.UpdatedAt
                    || (earlier.StartedAt is not null && later.StartedAt != earlier.StartedAt) || (earlier.CompletedAt is not null && later.CompletedAt != earlier.CompletedAt))
                {
                    stage.Violations.Add(Promises.Times, $"{subject.Id}: {earlier}, then {later}");
                }
            }
        }
    }

    private void CheckAppends(Subject subject, StoredRun run)
    {
        var names = run.Log.Select(StoredRuns.NameOf).OfType<string>().ToList();
        foreach (var repeated in names.GroupBy(name => name).Where(same => same.Count() > 1))
        {
            stage.Violations.Add(Promises.Appends, $"{repeated.Key} is in the log {repeated.Count()} times");
        }

        foreach (var missing in subject.Acknowledged.Except(names))
        {
            stage.Violations.Add(Promises.Appends, $"{missing} was answered and is not in the log");
        }
    }

    private void CheckLog(StoredRun run)
    {
        var ids = run.Log.Select(logged => logged["event_id"].ToInt64()).ToList();
        var sequences = run.Log.Where(logged => logged.Contains("external_sequence")).Select(logged => logged["external_sequence"].ToInt64()).ToList();
        if (!IsCount(ids) || !IsCount(sequences) || ids.Count != run.Number("latest_event_id") || sequences.Count != run.Number("latest_external_event_sequence"))
        {
            stage.Violations.Add(
                Promises.EventIds,
                $"{run.Id}: ids {string.Join(',', ids)}, sequences {string.Join(',', sequences)}, cursors {run.Number("latest_event_id")} and {run.Number("latest_external_event_sequence")}");
        }

        var ends = run.Log.Select((logged, i) => (Type: logged["event_type"].AsString, i)).Where(logged => logged.Type is "RUN_FINISHED" or "RUN_ERROR").ToList();
        var isRight = run.HasEnded
            ? ends is [var end] && end.i == run.Log.Count - 1 && end.Type == (run.Status == "completed" ? "RUN_FINISHED" : "RUN_ERROR")
            : ends.Count == 0;
        var starts = run.Log.Count(logged => logged["event_type"].AsString == "RUN_STARTED");
        if (!isRight || (run.Time("started_at") is null ? starts != 0 : starts != 1 || run.Log[0]["event_type"].AsString != "RUN_STARTED"))
        {
            stage.Violations.Add(Promises.Ends, $"{run.Id} is {run.Status}; log: {string.Join(' ', run.Log.Select(logged => logged["event_type"].AsString))}");
        }
    }

    private void CheckTimes(StoredRun run)
    {
        List<DateTime> times = [.. run.Log.Select(logged => logged["created_at"].ToUniversalTime())];
        List<DateTime?> life = [run.Time("created_at"), run.Time("started_at"), run.Time("completed_at"), run.Time("updated_at")];
        var known = life.OfType<DateTime>().ToList();
        if (!times.SequenceEqual(times.Order()) || !known.SequenceEqual(known.Order()))
        {
            stage.Violations.Add(Promises.Times, $"{run.Id}: {string.Join(", ", known.Concat(times).Select(time => time.ToString("O", System.Globalization.CultureInfo.InvariantCulture)))}");
        }
    }

    private void CheckTree(StoredRun run)
    {
        var (root, depth) = (run, 0);
        while (root.Parent is { } above && depth++ < 100_000)
        {
            if (!_byId.TryGetValue(above, out var parent))
            {
                stage.Violations.Add(Promises.Roots, $"{run.Id}: its ancestor {above} is not stored");
                return;
            }

            if (parent.Status == "cancelled" && !run.HasEnded)
            {
                stage.Violations.Add(Promises.Cascade, $"{run.Id} is {run.Status}, and {parent.Id} above it was cancelled");
            }

            root = parent;
        }

        if (run.Document["root_run_id"].AsString != root.Id)
        {
            stage.Violations.Add(Promises.Roots, $"{run.Id}: {run.Document["root_run_id"]} instead of {root.Id}");
        }
    }

    private void CheckTold(StoredRun run)
    {
        var wasCalledOff = run.Status == "cancelled" && run.Time("completed_at") == run.Time("created_at") && run.Number("version") == 2;
        foreach (var (fact, isDue) in ((string, bool)[])
        [
            ("RunAccepted", !wasCalledOff), ("RunStarted", run.Time("started_at") is not null), ("RunFinished", run.HasEnded),
        ])
        {
            var told = listener.Facts.GetValueOrDefault((run.Id, fact));
            if (isDue ? told is not { Count: 1 } : told is not null && !(fact == "RunAccepted" && wasCalledOff))
            {
                stage.Violations.Add(Promises.Told, $"{run.Id} is {run.Status}; {fact} was told under {told?.Count ?? 0} message ids");
            }

            if (fact == "RunFinished" && told is not null && told.Values.Any(status => status != run.Status))
            {
                stage.Violations.Add(Promises.Told, $"{run.Id} is {run.Status}; told: {string.Join(", ", told.Values)}");
            }
        }
    }

    private static bool IsCount(List<long> numbers) => numbers.Select((number, i) => number == i + 1).All(fits => fits);
}

/// <summary>The life of a run, as the README draws it.</summary>
internal static class Statuses
{
    /// <summary>Whether a run that was seen in one status may later be seen in another.</summary>
    public static bool CanFollow(string earlier, string later) => earlier switch
    {
        "pending" => true,
        "running" or "waiting" => later != "pending",
        _ => later == earlier,
    };
}
