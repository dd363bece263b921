using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Checking;

/// <summary>Checks that the events of each stored run were published, each under one message id.</summary>
internal sealed class PublishedEventsChecker(
    Experiment experiment,
    EventSubscriber subscriber,
    IReadOnlyList<StoredRun> stored)
{
    public void Check()
    {
        var runs = stored.ToRunsById();
        foreach (var run in runs.Values)
        {
            Check(run);
        }

        foreach (var (runId, eventName) in subscriber.Events.Keys.Where(published => !runs.ContainsKey(published.RunId)))
        {
            experiment.Violations.Add(Invariants.NoLostRuns, $"{runId}: {eventName} was published, and there is no such run");
        }
    }

    private void Check(StoredRun run)
    {
        // A cancel that came before the create: the create may or may not have been published.
        var wasCancelledBeforeCreate = run.Status == "cancelled"
            && run.GetTime("completed_at") == run.GetTime("created_at")
            && run.GetNumber("version") == 2;
        if (!wasCancelledBeforeCreate)
        {
            CheckPublished(run, "RunAccepted", isExpected: true);
        }

        CheckPublished(run, "RunStarted", isExpected: run.GetTime("started_at") is not null);
        CheckPublished(run, "RunAttemptStarted", (int)Math.Max(0, run.GetNumber("attempt") - 1));
        CheckPublished(run, "RunFinished", isExpected: run.IsFinished);
        var statuses = subscriber.Events.GetValueOrDefault((run.Id, "RunFinished"))?.Values;
        if (statuses is not null && statuses.Any(status => status != run.Status))
        {
            experiment.Violations.Add(
                Invariants.EventsPublished,
                $"{run.Id} is {run.Status}; published: {string.Join(", ", statuses)}");
        }
    }

    private void CheckPublished(StoredRun run, string eventName, bool isExpected) =>
        CheckPublished(run, eventName, isExpected ? 1 : 0);

    private void CheckPublished(StoredRun run, string eventName, int expectedCount)
    {
        var count = subscriber.Events.GetValueOrDefault((run.Id, eventName))?.Count ?? 0;
        if (count != expectedCount)
        {
            experiment.Violations.Add(
                Invariants.EventsPublished,
                $"{run.Id} is {run.Status}; {eventName} was published under {count} message ids");
        }
    }
}
