using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Execution;
using Runs.FaultInjection.Reporting;

namespace Runs.FaultInjection.Scenarios.Execution;

/// <summary>
/// X1: 200 claims wait for 100 runs, at one API process and at three. Each run is claimed once, and soon.
/// </summary>
internal static class ClaimRaceScenario
{
    private const int Claims = 200;
    private const int RunCount = 100;
    private const double MaxSeconds = 2;

    private static readonly TimeSpan ClaimWait = TimeSpan.FromSeconds(8);

    public static async Task Execute(ScenarioContext context)
    {
        await Execute(context, servers: 1);
        await Execute(context, servers: context.Experiment.Addresses.Count);
    }

    private static async Task Execute(ScenarioContext context, int servers)
    {
        var (experiment, runs) = (context.Experiment, new StepRuns(context, $"x1-{servers}"));
        var workers = await Task.WhenAll(Enumerable.Range(1, 10).Select(number =>
            HttpWorker.Register(context, $"x1-{servers}-{number}", runs.Target)));
        var claiming = Task.WhenAll(Enumerable.Range(0, Claims).Select(claim =>
            Claim(experiment, workers[claim % workers.Length], claim % servers)));
        await Task.Delay(TimeSpan.FromSeconds(3)); // all claims wait
        await runs.Create(RunCount);
        var created = Clock.ElapsedSeconds;
        var results = await claiming;
        var claimed = results.Where(result => result is { Status: 200, Run: not null }).ToList();
        var (ids, empty) = (
            claimed.Select(result => result.Run!.Value.GetProperty("run_id").GetString()).Distinct().Count(),
            results.Count(result => result is { Status: 200, Run: null }));
        var duration = claimed.Count == 0 ? 0 : claimed.Max(result => result.End) - created;
        var repeated = experiment.History.Calls.Count(call =>
            call is { Call: ExecutionCalls.Claim, Answer: "429" } && workers.Any(worker => worker.Key == call.Worker));
        experiment.AddMetric(
            $"X1: {servers} api: runs claimed, claims without a run, after the last create, 429",
            $"{ids}, {empty}, {MetricFormat.Seconds(duration)}, {repeated}");
        if (ids != RunCount || claimed.Count != RunCount || empty != Claims - RunCount)
        {
            Report(experiment, $"{claimed.Count} claims of {servers} servers have {ids} runs, and {empty} have none");
        }

        if (duration > MaxSeconds)
        {
            Report(experiment, $"the last run was claimed {duration:0.0} s after the last create, with {servers} servers");
        }

        await CompleteAll(workers, claimed);
    }

    // Claims that arrive at the same moment are more than a tenant may have read at a time: they come again.
    private static async Task<HttpResult> Claim(Experiment experiment, HttpWorker worker, int server)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await worker.Claim(ClaimWait, server);
            if (result.Status != 429)
            {
                return result;
            }

            await experiment.DelayBeforeRetry(attempt);
        }
    }

    private static Task CompleteAll(HttpWorker[] workers, List<HttpResult> claimed) => Task.WhenAll(claimed.Select(result =>
        workers[0].Complete(new ClaimedAttempt(result.Run!.Value), "completed")));

    private static void Report(Experiment experiment, string description) =>
        experiment.Violations.Add(Invariants.ScenarioLimits, $"X1: {description}");
}
