using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Execution;
using Runs.FaultInjection.Storage;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Scenarios.Execution;

/// <summary>
/// X10: an outcome is sent five times. The first two get no answer, the others come after the run has moved on. It
/// takes effect once, and the answers are the same.
/// </summary>
internal static class RepeatedOutcomeScenario
{
    private const int LostAnswers = 2;
    private const int Repeats = 3;

    // Fewer than an api accepts of one tenant at the same time.
    private const int OutcomesAtATime = 20;

    private static readonly TimeSpan ClaimWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    public static async Task Execute(ScenarioContext context)
    {
        var (experiment, runs) = (context.Experiment, new StepRuns(context, "x10"));
        var count = context.FullOrShort(200, 20);
        await runs.Create(count, backoffLimit: 1);
        var worker = await HttpWorker.Register(context, "x10", runs.Target, leaseSeconds: 300);
        var failing = await ClaimAll(worker, count);
        var failures = await SendWithoutAnswers(
            context, runs, worker, failing, "failed", run => run.GetNumber("failed_attempts") == 1);
        var completing = await ClaimAll(worker, count);
        await Repeat(experiment, worker, failures, status: "running", attempt: 2);
        var completions = await SendWithoutAnswers(
            context, runs, worker, completing, "completed", run => run.IsFinished);
        await Repeat(experiment, worker, completions, status: "completed", attempt: 2);
        await Repeat(experiment, worker, failures, status: "completed", attempt: 2);
        var stored = await runs.Read();
        runs.CheckCompleted(stored);
        foreach (var run in stored.Where(run => run.GetNumber("failed_attempts") != 1 || run.GetNumber("attempt") != 2))
        {
            Report(experiment, $"{run.Id} has {run.GetNumber("attempt")} attempts, {run.GetNumber("failed_attempts")} failed");
        }

        experiment.AddMetric("X10: outcomes, each sent five times or more", $"{failures.Count + completions.Count}");
    }

    private static async Task<IReadOnlyList<ClaimedAttempt>> ClaimAll(HttpWorker worker, int count)
    {
        var attempts = new List<ClaimedAttempt>();
        for (var tries = 0; attempts.Count < count && tries < 3 * count; tries++)
        {
            attempts.AddRange(ExecutionCalls.ReadRuns((await worker.Claim(ClaimWait)).Body).Select(run => new ClaimedAttempt(run)));
        }

        return attempts;
    }

    /// <summary>Sends the outcomes without an answer, some at a time, until they have taken effect.</summary>
    /// <returns>The calls, and when they were first sent.</returns>
    private static async Task<IReadOnlyList<(HttpCall Call, double SentAt)>> SendWithoutAnswers(
        ScenarioContext context,
        StepRuns runs,
        HttpWorker worker,
        IReadOnlyList<ClaimedAttempt> attempts,
        string status,
        Func<StoredRun, bool> hasTakenEffect)
    {
        var sent = new List<(HttpCall Call, double SentAt)>();
        foreach (var group in attempts.Chunk(OutcomesAtATime))
        {
            var sentAt = Clock.ElapsedSeconds;
            var calls = group.Select(attempt => worker.CreateComplete(attempt, status, retryable: true)).ToList();
            sent.AddRange(calls.Select(call => (call, sentAt)));
            await SendThroughProxy(context, worker, calls, untilEffect: () => Poll.Until(
                async () => (await runs.Read()).Count(hasTakenEffect) >= sent.Count,
                Timeout,
                TimeSpan.FromMilliseconds(200),
                $"The outcomes {status} have not taken effect."));
        }

        return sent;
    }

    // The proxy drops all answers.
    private static async Task SendThroughProxy(
        ScenarioContext context, HttpWorker worker, List<HttpCall> calls, Func<Task> untilEffect)
    {
        await using var proxy = new TcpProxy(context.Experiment.Addresses[0].Port);
        proxy.StartBlackhole(toTarget: false, toClient: true);
        var address = new Uri($"http://127.0.0.1:{proxy.Port}");
        var sending = Task.WhenAll(calls.SelectMany(call => Enumerable.Repeat(call with { Address = address }, LostAnswers))
            .Select(call => worker.SendOnce(call)));
        await untilEffect();
        proxy.EndBlackhole();
        if ((await sending).Count(result => result.Status != 0) is > 0 and var answered)
        {
            Report(context.Experiment, $"{answered} calls were answered through a proxy that drops all answers");
        }
    }

    private static async Task Repeat(
        Experiment experiment,
        HttpWorker worker,
        IReadOnlyList<(HttpCall Call, double SentAt)> calls,
        string status,
        int attempt)
    {
        foreach (var (call, sentAt) in calls)
        {
            var answers = new List<HttpResult>();
            for (var repeat = 0; repeat < Repeats; repeat++)
            {
                answers.Add(await worker.SendOnce(call, LostAnswers + repeat + 1, firstStart: sentAt));
            }

            var isSame = answers.Select(answer => answer.Body.GetRawText()).Distinct().Count() == 1;
            if (!isSame || answers[0].Status != 200 || answers[0].RunStatus != status || answers[0].RunAttempt != attempt)
            {
                var all = string.Join(" then ", answers.Select(answer => $"{answer.Status} {answer.Body}"));
                Report(experiment, $"{call.Path} was answered {all}");
            }
        }
    }

    private static void Report(Experiment experiment, string description) =>
        experiment.Violations.Add(Invariants.ScenarioLimits, $"X10: {description}");
}
