using System.Text.Json;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Workload;

/// <summary>The reads of a run. They check what earlier responses have promised.</summary>
internal sealed class RunReads(Experiment experiment, RecordingHttpClient http)
{
    public Task<HttpResult> Read(TrackedRun run) =>
        http.SendWithRetry(new HttpCall("read", HttpMethod.Get, $"/runs/{run.Id}"), run);

    /// <summary>Reads the run and its log: everything that was acknowledged before must be there.</summary>
    public async Task CheckReads(TrackedRun run)
    {
        var acknowledged = run.AcknowledgedEvents;
        var result = await Read(run);
        if (result.Status != 200)
        {
            experiment.ReportUnexpected("read", run, result);
        }

        if (acknowledged.Count == 0)
        {
            return;
        }

        var log = await http.SendWithRetry(new HttpCall("read log", HttpMethod.Get, $"/runs/{run.Id}/events?limit=500"), run);
        var shown = log.Status == 200
            ? log.Body.GetProperty("data").EnumerateArray().Select(logged => EventName(logged.GetProperty("payload"))).ToHashSet()
            : [];
        if (!acknowledged.IsSubsetOf(shown))
        {
            experiment.Violations.Add(
                Invariants.ReadAfterWrite,
                $"{run.Id}: {acknowledged.Count} events were acknowledged, "
                + $"and a later read at {log.Start:0.0} shows {shown.Count} ({log.Status})");
        }
    }

    /// <summary>Waits until the command that the broker has confirmed is processed.</summary>
    public async Task WaitUntilReadable(TrackedRun run)
    {
        for (var attempt = 1; (await Read(run)).Status != 200; attempt++)
        {
            await experiment.DelayBeforeRetry(attempt);
        }
    }

    // The only reason for a rejection is that another caller ended the run: with a cancel of a run above it, or with a
    // cancel before its create.
    public async Task CheckIsFinished(string call, TrackedRun run)
    {
        var result = await Read(run);
        if (result.Run?.GetProperty("status").GetString() is not ("completed" or "failed" or "cancelled"))
        {
            experiment.Violations.Add(
                Invariants.DocumentedResponses,
                $"{run.Id}: {call} was rejected before {result.Start:0.0}, and the run has not ended: {result.Status} {result.Body}");
        }
    }

    private static string EventName(JsonElement payload) => payload.TryGetProperty("name", out var name) ? name.GetString()! : "";
}
