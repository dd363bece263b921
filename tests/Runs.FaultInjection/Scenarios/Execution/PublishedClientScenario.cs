using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Execution;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Scenarios.Execution;

/// <summary>
/// X4: a worker that names no attempt, as published clients do, is silent until another one has claimed its runs. Its
/// cursors are out of date then, so its appends are rejected; its outcome counts, as the API describes.
/// </summary>
internal static class PublishedClientScenario
{
    private const int LeaseSeconds = 5;

    private static readonly TimeSpan ClaimWait = TimeSpan.FromSeconds(20);

    public static async Task Execute(ScenarioContext context)
    {
        var (experiment, runs) = (context.Experiment, new StepRuns(context, "x4"));
        var count = context.FullOrShort(50, 6);
        await runs.Create(count, backoffLimit: 3);
        var first = await Register(context, runs, "x4-1");
        var lost = await ClaimAll(first, count);
        foreach (var attempt in lost)
        {
            Expect(experiment, "append", attempt, await first.Append(attempt, 1, namesAttempt: false), null);
        }

        var second = await Register(context, runs, "x4-2");
        var current = (await ClaimAll(second, count)).ToDictionary(attempt => attempt.RunId);
        await Task.WhenAll(lost.Select((attempt, index) =>
            WriteAfterLoss(experiment, first, second, attempt, current[attempt.RunId], countsOutcome: index % 2 == 0)));
        var stored = await runs.Read();
        runs.CheckCompleted(stored);
        experiment.AddMetric("X4: events of first and second attempts", MetricFormat.CountByValue(stored
            .SelectMany(run => run.Log)
            .Select(logged => RunStoreReader.EventName(logged) is { } name ? EventNames.ReadAttempt(name) : null)
            .OfType<int>()
            .Select(attempt => $"attempt {attempt}")));
    }

    private static Task<HttpWorker> Register(ScenarioContext context, StepRuns runs, string key) =>
        HttpWorker.Register(context, key, runs.Target, LeaseSeconds, isFenced: false);

    private static async Task<IReadOnlyList<ClaimedAttempt>> ClaimAll(HttpWorker worker, int count)
    {
        var results = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => worker.Claim(ClaimWait)));
        return [.. results.SelectMany(result => ExecutionCalls.ReadRuns(result.Body)).Select(run => new ClaimedAttempt(run))];
    }

    private static async Task WriteAfterLoss(
        Experiment experiment,
        HttpWorker first,
        HttpWorker second,
        ClaimedAttempt lost,
        ClaimedAttempt current,
        bool countsOutcome)
    {
        Expect(experiment, "append", current, await second.Append(current, 1, namesAttempt: false), null);
        Expect(experiment, "append", lost, await first.Append(lost, 1, namesAttempt: false), "EVENT_CURSOR_MISMATCH");
        var renewal = await first.Renew(lost);
        if (renewal is not { Status: 200, Run: null })
        {
            Report(experiment, $"{lost.RunId}: a lost lease was renewed: {renewal.Status} {renewal.Body}");
        }

        if (countsOutcome)
        {
            // With an API key and without an attempt, it is the outcome of the run, also from this worker.
            Expect(experiment, "complete", lost, await first.CompleteWithoutAttempt(lost, useWorkerToken: false), null);
            Expect(experiment, "append", current, await second.Append(current, 1, namesAttempt: false), "RUN_NOT_ACTIVE");
        }
        else
        {
            // With its token, the outcome belongs to the worker's attempt.
            Expect(experiment, "complete", lost, await first.CompleteWithoutAttempt(lost, useWorkerToken: true), "ATTEMPT_LOST");
            Expect(experiment, "complete", current, await second.CompleteWithoutAttempt(current, useWorkerToken: true), null);
        }
    }

    // Without an expected code, the call must be accepted.
    private static void Expect(Experiment experiment, string call, ClaimedAttempt attempt, HttpResult result, string? code)
    {
        if (result.Code != code || (code is null && result.Status != 200))
        {
            Report(
                experiment,
                $"{attempt.RunId}: {call} of attempt {attempt.Number} was answered {result.Status} {result.Body}, not {code ?? "200"}");
        }
    }

    private static void Report(Experiment experiment, string description) =>
        experiment.Violations.Add(Invariants.ScenarioLimits, $"X4: {description}");
}
