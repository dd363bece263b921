using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>Reads a run and its log, and verifies that the log is complete.</summary>
internal static class RunLogAssertions
{
    /// <summary>The stored run and its whole log; null if there is no run.</summary>
    public static async Task<(Run Run, IReadOnlyList<RunEvent> Log)?> ReadVerifiedLog(this RunsApplication application, string runId)
    {
        if (await application.Store.Find(RunIds.ForRun("dev", runId), default) is not { } run)
        {
            return null;
        }

        var log = await application.Store.ReadEvents(run, 0, 5000, EventVisibility.All, default);
        AssertComplete(run, log);
        return (run, log);
    }

    /// <summary>There is no gap, the start is first, the end is last, and the times never go back.</summary>
    private static void AssertComplete(Run run, IReadOnlyList<RunEvent> log)
    {
        Assert.Equal(run.LatestEventId, log.Count);
        Assert.Equal(Enumerable.Range(1, log.Count).Select(id => (long)id), log.Select(logged => logged.EventId));
        Assert.Equal(
            Enumerable.Range(1, (int)run.LatestExternalEventSequence).Select(number => (long)number),
            log.Select(logged => logged.ExternalSequence).OfType<long>());
        Assert.Equal(log.Select(logged => logged.CreatedAt).Order(), log.Select(logged => logged.CreatedAt));
        Assert.Equal(run.LatestEventAt, log.Count == 0 ? null : log[^1].CreatedAt);

        Assert.Equal(run.Status is RunStatuses.Pending or Run.CancellationPending, log.Count == 0);
        var starts = log.Where(logged => logged is { Public: true, EventType: RunEventTypes.RunStarted }).ToList();
        Assert.Equal(run.StartedAt is null ? [] : [1L], starts.Select(start => start.EventId));
        Assert.Equal(
            run.Status switch
            {
                RunStatuses.Completed => [(log[^1].EventId, RunEventTypes.RunFinished)],
                RunStatuses.Failed or RunStatuses.Cancelled => [(log[^1].EventId, RunEventTypes.RunError)],
                _ => [],
            },
            log.Where(logged => RunEventTypes.IsTerminal(logged.EventType)).Select(end => (end.EventId, end.EventType)));
    }
}
