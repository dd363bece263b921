using System.Text;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>Measures other operations than creates of new runs: duplicates, reads and appends.</summary>
internal sealed class OperationsBenchmark(BenchmarkOptions options, ServiceEndpoints services)
{
    public const string DuplicateCreateLabel = "create, the same run again";
    public const string GetRunLabel = "GET /runs/{id}";
    public const string BaselineGetRunLabel = "the same by hand: Kestrel and one find";
    public const string AppendEventsLabel = "append 20 events";

    private const int Callers = 64;
    private const int KnownRunCount = 1000;
    private const int EventsPerAppend = 20;
    private const string AppendRunPrefix = "run_appending";

    private static readonly TimeSpan WarmUpBeforeSample = TimeSpan.FromSeconds(0.5);

    public async Task<List<OperationResult>> Measure(CancellationToken cancellationToken)
    {
        await using var runs = await BenchmarkTarget.Start(
            BenchmarkTarget.RunsServer, services, cancellationToken, "operations_ours");
        await using var baseline = await BenchmarkTarget.Start(
            BenchmarkTarget.DirectInsert, services, cancellationToken, "operations_direct");
        await CreateKnownRuns(runs, cancellationToken);
        await CreateKnownRuns(baseline, cancellationToken);

        var append = await CreateAppendPlan(runs, cancellationToken);
        (string Label, int Callers, BenchmarkTarget Target, LoadPlan Plan)[] operations =
        [
            (DuplicateCreateLabel, Callers, runs, runs.CreatePlan with { NextRunNumber = PickKnownRun }),
            (GetRunLabel, 1, runs, CreateGetPlan(runs)),
            (BaselineGetRunLabel, 1, baseline, CreateGetPlan(baseline)),
            (GetRunLabel, Callers, runs, CreateGetPlan(runs)),
            (BaselineGetRunLabel, Callers, baseline, CreateGetPlan(baseline)),
            (AppendEventsLabel, 1, runs, append),
            (AppendEventsLabel, Callers, runs, append),
        ];
        foreach (var operation in operations)
        {
            var warmUp = options.WarmUpDuration / 4;
            await RunLoad(operation.Plan, operation.Callers, operation.Target, warmUp, cancellationToken);
        }

        var results = operations.Select(operation => new OperationResult(operation.Label, operation.Callers, [])).ToList();
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var (operation, result) in operations.Zip(results))
            {
                var load = await RunLoad(
                    operation.Plan, operation.Callers, operation.Target, options.SampleDuration, cancellationToken);
                result.Loads.Add(load);
                Progress.Write(
                    $"{result.Description}, {result.Callers} callers: {load.PerSecond:0}/s, {load.Failed} failed");
            }
        }

        return results;
    }

    private static async Task CreateKnownRuns(BenchmarkTarget target, CancellationToken cancellationToken)
    {
        while (target.LastRunNumber < KnownRunCount)
        {
            await LoadGenerator.Run(
                target.CreatePlan, callers: 16, TimeSpan.Zero, TimeSpan.FromSeconds(1), cancellationToken);
        }

        await target.Process.WaitUntilIdle(cancellationToken);
    }

    private static async Task<LoadResult> RunLoad(
        LoadPlan plan,
        int callers,
        BenchmarkTarget target,
        TimeSpan window,
        CancellationToken cancellationToken)
    {
        var load = await LoadGenerator.Run(plan, callers, WarmUpBeforeSample, window, cancellationToken);
        await target.Process.WaitUntilIdle(cancellationToken);
        return load;
    }

    private static long PickKnownRun(int caller) => Random.Shared.NextInt64(1, KnownRunCount);

    private static LoadPlan CreateGetPlan(BenchmarkTarget target) =>
        new(target.Process.Port, BenchmarkTarget.GetRequest, PickKnownRun, ExpectedStatus: 200);

    // Each caller appends to its own running run, whose log is long at the end.
    private static async Task<LoadPlan> CreateAppendPlan(BenchmarkTarget runs, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{runs.Process.Port}") };
        for (var caller = 0; caller < Callers; caller++)
        {
            await CreateRunningRun(client, $"{AppendRunPrefix}{caller:x12}", cancellationToken);
        }

        var events = Enumerable.Range(0, EventsPerAppend).Select(number =>
        {
            var delta = $"The {number}th piece of a text that is written while it is read.";
            return $$$"""{"type":"TEXT_MESSAGE_CONTENT","messageId":"m-1","delta":"{{{delta}}}"}""";
        });
        var request = RequestTemplate.Post(
            $"/runs/{AppendRunPrefix}{RequestTemplate.NumberPlaceholder}/events",
            BenchmarkTarget.AuthorizationHeader,
            $$$"""{"events":[{{{string.Join(',', events)}}}]}""");
        return new LoadPlan(runs.Process.Port, request, caller => caller, ExpectedStatus: 200);
    }

    private static async Task CreateRunningRun(HttpClient client, string id, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/runs");
        var authorization = BenchmarkTarget.AuthorizationHeader.Split(": ")[1].Trim();
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        var body = $$$"""{"kind":"agent","public_id":"{{{id}}}","owner":{"kind":"project","id":"{{{BenchmarkTarget.ProjectId}}}"}"""
            + ""","request":{"agent_id":"writer","initial_status":"running"}}""";
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }
}
