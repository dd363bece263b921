using Runs.FaultInjection.Storage;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Checking;

/// <summary>Compares the responses that the callers got with the runs that are stored in the end.</summary>
internal sealed class InvariantChecker(Experiment experiment, IReadOnlyList<StoredRun> stored)
{
    private readonly Dictionary<string, StoredRun> _runs = stored.ToRunsById();
    private readonly AttemptChecker _attempts = new(experiment.Violations);

    public void Check()
    {
        foreach (var same in stored.GroupBy(run => (run.Document["tenant"].AsString, run.Id)).Where(same => same.Count() > 1))
        {
            experiment.Violations.Add(Invariants.NoDuplicateRuns, $"{same.Key.Id}: {same.Count()} runs");
        }

        var storedRuns = new StoredRunChecker(experiment, _runs);
        var logs = new ExecutionLogChecker(experiment.Violations);
        var readiness = new ReadinessChecker(experiment.Violations);
        foreach (var run in _runs.Values)
        {
            storedRuns.Check(run);
            _attempts.Check(run);
            logs.Check(run);
            readiness.Check(run);
        }

        new ExecutionChecker(experiment.Violations, experiment.History.Calls, _runs, experiment.GetClockDifference).Check();

        foreach (var trackedRun in experiment.TrackedRuns.Values)
        {
            Check(trackedRun, _runs.GetValueOrDefault(trackedRun.Id));
        }
    }

    private void Check(TrackedRun trackedRun, StoredRun? run)
    {
        if (trackedRun.CreatedReplies > 1)
        {
            experiment.Violations.Add(
                Invariants.CreatedOnce,
                $"{trackedRun.Id}: {trackedRun.CreatedReplies} responses say that their call has created it");
        }

        if (run is null || run.Status == "cancellation_pending")
        {
            CheckMayBeAbsent(trackedRun);
            return;
        }

        if (trackedRun.MustBeFinished && !run.IsFinished)
        {
            experiment.Violations.Add(
                Invariants.NoLostRuns,
                $"{trackedRun.Id}: a command that ends it was answered or confirmed, and it is {run.Status}");
        }

        CheckOutcomes(trackedRun, run);
        CheckObservations(trackedRun, run);
        CheckAppends(trackedRun, run);
        _attempts.Check(trackedRun, run);
    }

    private void CheckMayBeAbsent(TrackedRun trackedRun)
    {
        if (trackedRun.MustExist)
        {
            experiment.Violations.Add(Invariants.NoLostRuns, $"{trackedRun.Id} is not stored");
        }
        else if (trackedRun.IsRejected && !HasCancelledAncestor(trackedRun))
        {
            experiment.Violations.Add(
                Invariants.DocumentedResponses,
                $"{trackedRun.Id} was rejected for its parent, and no run above it is cancelled");
        }
    }

    private bool HasCancelledAncestor(TrackedRun trackedRun)
    {
        var ancestor = trackedRun.Parent is { } parent ? _runs.GetValueOrDefault(parent.Id) : null;
        while (ancestor is { Status: not "cancelled" })
        {
            ancestor = ancestor.ParentRunId is { } next ? _runs.GetValueOrDefault(next) : null;
        }

        return ancestor is not null;
    }

    private void CheckOutcomes(TrackedRun trackedRun, StoredRun run)
    {
        var changed = trackedRun.Outcomes.Where(outcome => outcome.Changed).Select(outcome => outcome.RequestedStatus).ToList();
        if (changed.Count > 1 || changed.Exists(status => status != run.Status))
        {
            experiment.Violations.Add(
                Invariants.FirstOutcomeWins,
                $"{trackedRun.Id} is {run.Status}; responses say that their call has set: {string.Join(", ", changed)}");
        }
    }

    private void CheckObservations(TrackedRun trackedRun, StoredRun run)
    {
        var last = new Observation(
            Clock.ElapsedSeconds,
            Clock.ElapsedSeconds,
            run.Status,
            new DateTimeOffset(run.GetTime("created_at")!.Value),
            new DateTimeOffset(run.GetTime("updated_at")!.Value),
            run.GetTime("started_at"),
            run.GetTime("completed_at"));
        var all = trackedRun.Observations.Append(last).OrderBy(observation => observation.End).ToList();
        foreach (var (index, later) in all.Index())
        {
            // Concurrent calls have no order.
            foreach (var earlier in all.Take(index).Where(observation => observation.End < later.Start))
            {
                CheckOrder(trackedRun.Id, earlier, later);
            }
        }
    }

    private void CheckOrder(string id, Observation earlier, Observation later)
    {
        if (!StatusTransitions.CanFollow(earlier.Status, later.Status))
        {
            experiment.Violations.Add(
                Invariants.ValidTransitions,
                $"{id}: {earlier.Status} at {earlier.End:0.000}, then {later.Status} at {later.Start:0.000}");
        }

        if (later.CreatedAt != earlier.CreatedAt
            || later.UpdatedAt < earlier.UpdatedAt
            || (earlier.StartedAt is not null && later.StartedAt != earlier.StartedAt)
            || (earlier.CompletedAt is not null && later.CompletedAt != earlier.CompletedAt))
        {
            experiment.Violations.Add(Invariants.MonotonicTimes, $"{id}: {earlier}, then {later}");
        }
    }

    private void CheckAppends(TrackedRun trackedRun, StoredRun run)
    {
        var names = run.Log.Select(RunStoreReader.EventName).OfType<string>().ToList();
        foreach (var same in names.GroupBy(name => name).Where(same => same.Count() > 1))
        {
            experiment.Violations.Add(Invariants.AppendedOnce, $"{same.Key} is in the log {same.Count()} times");
        }

        foreach (var missing in trackedRun.AcknowledgedEvents.Except(names))
        {
            experiment.Violations.Add(Invariants.AppendedOnce, $"{missing} was acknowledged and is not in the log");
        }
    }
}
