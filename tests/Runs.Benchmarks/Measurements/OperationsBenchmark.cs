using System.Text;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets;

namespace Runs.Benchmarks.Measurements;

/// <summary>What else a client does with runs: asks again, looks, appends.</summary>
internal sealed class OperationsBenchmark(BenchmarkOptions options, ServiceEndpoints rig)
{
    public const string DuplicateCreateLabel = "create, the same run again";
    public const string GetRunLabel = "GET /runs/{id}";
    public const string BaselineGetRunLabel = "the same by hand: Kestrel and one find";
    public const string AppendEventsLabel = "append 20 events";

    private const int Callers = 64;
    private const int KnownRunCount = 1000;

    public async Task<List<OperationResult>> Measure(CancellationToken cancellationToken)
    {
        await using var ours = await BenchmarkTarget.Start(BenchmarkTarget.RunsServer, rig, cancellationToken, "operations_ours");
        await using var bare = await BenchmarkTarget.Start(BenchmarkTarget.DirectInsert, rig, cancellationToken, "operations_direct");
        foreach (var subject in (BenchmarkTarget[])[ours, bare])
        {
            while (subject.LastRunNumber < KnownRunCount)
            {
                await LoadGenerator.Run(subject.CreatePlan, 16, TimeSpan.Zero, TimeSpan.FromSeconds(1), cancellationToken);
            }

            await subject.Process.WaitUntilIdle(cancellationToken);
        }

        var append = await CreateAppendPlan(ours, cancellationToken);
        (string What, int Callers, BenchmarkTarget Subject, LoadPlan Plan)[] plans =
        [
            (DuplicateCreateLabel, Callers, ours, ours.CreatePlan with { NextRunNumber = PickKnownRun }),
            (GetRunLabel, 1, ours, CreateGetPlan(ours)),
            (BaselineGetRunLabel, 1, bare, CreateGetPlan(bare)),
            (GetRunLabel, Callers, ours, CreateGetPlan(ours)),
            (BaselineGetRunLabel, Callers, bare, CreateGetPlan(bare)),
            (AppendEventsLabel, 1, ours, append),
            (AppendEventsLabel, Callers, ours, append),
        ];
        var operations = plans.Select(plan => new OperationResult(plan.What, plan.Callers, [])).ToList();
        for (var round = -1; round < options.Rounds; round++)
        {
            foreach (var (plan, operation) in plans.Zip(operations))
            {
                var load = await LoadGenerator.Run(
                    plan.Plan, plan.Callers, TimeSpan.FromSeconds(0.5), round < 0 ? options.WarmUpDuration / 4 : options.SampleDuration, cancellationToken);
                await plan.Subject.Process.WaitUntilIdle(cancellationToken);
                if (round < 0)
                {
                    continue; // only to warm up
                }

                operation.Loads.Add(load);
                Progress.Write($"{operation.Description}, {operation.Callers} callers: {load.PerSecond:0}/s, {load.Failed} failed");
            }
        }

        return operations;
    }

    private static long PickKnownRun(int caller) => Random.Shared.NextInt64(1, KnownRunCount);

    private static LoadPlan CreateGetPlan(BenchmarkTarget subject) => new(subject.Process.Port, BenchmarkTarget.GetRequest, PickKnownRun, ExpectedStatus: 200);

    // Each caller has a run of its own, which is running and has grown a log by the end.
    private static async Task<LoadPlan> CreateAppendPlan(BenchmarkTarget ours, CancellationToken cancellationToken)
    {
        const string prefix = "run_appending";
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ours.Process.Port}") };
        for (var caller = 0; caller < Callers; caller++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/runs");
            request.Headers.TryAddWithoutValidation("Authorization", BenchmarkTarget.AuthorizationHeader.Split(": ")[1].Trim());
            request.Content = new StringContent(
                $$$"""{"kind":"agent","public_id":"{{{prefix}}}{{{caller:x12}}}","owner":{"kind":"project","id":"{{{BenchmarkTarget.ProjectId}}}"},"request":{"agent_id":"writer","initial_status":"running"}}""",
                Encoding.UTF8, "application/json");
            (await client.SendAsync(request, cancellationToken)).EnsureSuccessStatusCode();
        }

        var events = string.Join(',', Enumerable.Range(0, 20).Select(
            number => $$$"""{"type":"TEXT_MESSAGE_CONTENT","messageId":"m-1","delta":"The {{{number}}}th piece of a text that is written while it is read."}"""));
        return new LoadPlan(
            ours.Process.Port, RequestTemplate.Post($"/runs/{prefix}{RequestTemplate.NumberPlaceholder}/events", BenchmarkTarget.AuthorizationHeader, $$$"""{"events":[{{{events}}}]}"""), caller => caller, ExpectedStatus: 200);
    }
}
