using MongoDB.Bson;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Storage;
using Runs.Server.Messaging;

namespace Runs.FaultInjection.Checking;

/// <summary>The checks after the load: the state of the deployment, and what is stored.</summary>
internal sealed class ExperimentChecker(ScenarioContext context, EventSubscriber subscriber)
{
    private const double PendingTimeoutSeconds = 120;

    private readonly Experiment _experiment = context.Experiment;

    public async Task Check()
    {
        using var store = new RunStoreReader(_experiment.Deployment.StoreUrl, _experiment.ProjectId);
        await context.CheckEveryServerResponds();
        await WaitUntilNothingIsPending(store);
        if (_experiment.Options.IsSelfTest)
        {
            await store.Corrupt();
        }

        Experiment.WriteProgress("checking");
        var runs = await store.ReadAll();
        await CheckInvariants(store, runs);
        _experiment.AddMetric("runs, and events in their logs", $"{runs.Count}, {runs.Sum(run => run.Log.Count)}");
        CheckExitCodes();
        CheckCreatesWithoutStore();
        CheckCreatesOnSlowStore();
        await new QueueChecker(_experiment).CheckQueuesAreEmpty();
    }

    private async Task CheckInvariants(RunStoreReader store, IReadOnlyList<StoredRun> runs)
    {
        new InvariantChecker(_experiment, runs).Check();
        CheckSchedules(runs, await store.ReadSchedules());
        new PublishedEventsChecker(_experiment, subscriber, runs).Check();
        try
        {
            await new ListChecker(_experiment, context.Http, runs).Check();
        }
        catch (OperationCanceledException) when (_experiment.CallerCancellation.IsCancellationRequested)
        {
            _experiment.Violations.Add(Invariants.UnattendedRecovery, "the list of runs could not be read in the end");
        }
    }

    private void CheckSchedules(IReadOnlyList<StoredRun> runs, IReadOnlyList<BsonDocument> schedules)
    {
        var checker = new ScheduleChecker(_experiment.Violations, runs);
        foreach (var schedule in schedules)
        {
            checker.Check(schedule);
        }

        if (schedules.Count > 0)
        {
            var counts = string.Join(", ", ((string[])["run_count", "skipped_count", "missed_count"]).Select(
                name => schedules.Sum(schedule => schedule.GetValue(name, 0).ToInt64())));
            _experiment.AddMetric("fires of schedules: with a run, skipped, missed", counts);
        }
    }

    private async Task WaitUntilNothingIsPending(RunStoreReader store)
    {
        var start = Clock.ElapsedSeconds;
        while (await store.CountPending() is var (leases, outboxes, recentEvents) && leases + outboxes + recentEvents > 0)
        {
            if (Clock.ElapsedSeconds - start > PendingTimeoutSeconds)
            {
                _experiment.Violations.Add(
                    Invariants.NothingPending,
                    $"after two minutes workers hold {leases} runs, {outboxes} have messages to publish, and {recentEvents} hold events");
                break;
            }

            await Task.Delay(200);
        }

        var duration = MetricFormat.Seconds(Clock.ElapsedSeconds - start);
        _experiment.AddMetric("until outboxes and recent events were empty", duration);

        // The broker has confirmed the messages of the outboxes; the subscriber has them when it receives no more.
        for (var received = -1; received != subscriber.ReceivedCount;)
        {
            received = subscriber.ReceivedCount;
            await Task.Delay(1000);
        }
    }

    private void CheckExitCodes()
    {
        foreach (var server in _experiment.Deployment.Servers)
        {
            var watchdogExits = server.UnrequestedExitCodes.Count(code => code == BusWatchdog.ExitCode);
            if (watchdogExits > 0)
            {
                _experiment.AddMetric("ended itself for a bus that did not come back", $"{server.Name}, {watchdogExits} times");
            }

            foreach (var code in server.UnrequestedExitCodes.Where(code => code != BusWatchdog.ExitCode))
            {
                _experiment.Violations.Add(Invariants.UnattendedRecovery, $"{server.Name} exited by itself with {code}");
            }
        }
    }

    private void CheckCreatesWithoutStore()
    {
        var outages = context.FaultInjector.Store.Outages;
        foreach (var create in _experiment.History.Calls.Where(call => call.IsAcceptedCreate))
        {
            if (outages.Any(outage => outage.Contains(create.Start, create.End)))
            {
                _experiment.Violations.Add(
                    Invariants.NoLostRuns,
                    $"{create.Run} was answered 202 while the store was not running: {create}");
            }
        }
    }

    private void CheckCreatesOnSlowStore()
    {
        var slowPeriods = context.FaultInjector.Store.SlowPeriods;
        foreach (var create in _experiment.History.Calls.Where(call => call is { Answer: "202", Changed: true }))
        {
            if (create.Latency < SlowDisk.SyncDelay.TotalSeconds
                && slowPeriods.Any(period => period.Contains(create.Start, create.End)))
            {
                _experiment.Violations.Add(
                    Invariants.NoLostRuns,
                    $"{create.Run} was answered 202 before the store can have synced it: {create}");
            }
        }
    }
}
