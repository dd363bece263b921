using System.Text;
using Runs.Bench.Bench.Load;
using Runs.Bench.Bench.Subjects;

namespace Runs.Bench.Bench.Measurements;

/// <summary>A row of the table of other operations: samples of one thing, taken in turns with others.</summary>
/// <param name="What">What was asked.</param>
/// <param name="Callers">How many asked at a time.</param>
/// <param name="Loads">One of each round.</param>
internal sealed record Operation(string What, int Callers, List<LoadResult> Loads)
{
    public double PerSecond => Loads.Select(load => load.PerSecond).Median();

    public double Percentile(double share) => Loads.Select(load => load.Percentile(share)).Median();
}

/// <summary>What else a client does with runs: asks again, looks, appends.</summary>
internal sealed class Operations(BenchOptions options, Rig rig)
{
    public const string Repeat = "create, the same run again";
    public const string Look = "GET /runs/{id}";
    public const string BareLook = "the same by hand: Kestrel and one find";
    public const string Append = "append 20 events";

    private const int Callers = 64;
    private const int Known = 1000;

    public async Task<List<Operation>> Measure(CancellationToken cancellationToken)
    {
        await using var ours = await Subject.Start(Subject.Ours, rig, cancellationToken, "operations_ours");
        await using var bare = await Subject.Start(Subject.Direct, rig, cancellationToken, "operations_direct");
        foreach (var subject in (Subject[])[ours, bare])
        {
            while (subject.LastNumber < Known)
            {
                await LoadGenerator.Run(subject.Creates, 16, TimeSpan.Zero, TimeSpan.FromSeconds(1), cancellationToken);
            }

            await subject.Process.IsQuiet(cancellationToken);
        }

        var append = await Appends(ours, cancellationToken);
        (string What, int Callers, Subject Subject, LoadPlan Plan)[] plans =
        [
            (Repeat, Callers, ours, ours.Creates with { Number = AnyKnown }),
            (Look, 1, ours, LookAt(ours)),
            (BareLook, 1, bare, LookAt(bare)),
            (Look, Callers, ours, LookAt(ours)),
            (BareLook, Callers, bare, LookAt(bare)),
            (Append, 1, ours, append),
            (Append, Callers, ours, append),
        ];
        var operations = plans.Select(plan => new Operation(plan.What, plan.Callers, [])).ToList();
        for (var round = -1; round < options.Rounds; round++)
        {
            foreach (var (plan, operation) in plans.Zip(operations))
            {
                var load = await LoadGenerator.Run(
                    plan.Plan, plan.Callers, TimeSpan.FromSeconds(0.5), round < 0 ? options.WarmUp / 4 : options.Window, cancellationToken);
                await plan.Subject.Process.IsQuiet(cancellationToken);
                if (round < 0)
                {
                    continue; // only to warm up
                }

                operation.Loads.Add(load);
                Progress.Say($"{operation.What}, {operation.Callers} callers: {load.PerSecond:0}/s, {load.Failed} failed");
            }
        }

        return operations;
    }

    private static long AnyKnown(int caller) => Random.Shared.NextInt64(1, Known);

    private static LoadPlan LookAt(Subject subject) => new(subject.Process.Port, Subject.Get, AnyKnown, Expected: 200);

    // Each caller has a run of its own, which is running and has grown a log by the end.
    private static async Task<LoadPlan> Appends(Subject ours, CancellationToken cancellationToken)
    {
        const string prefix = "run_appending";
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ours.Process.Port}") };
        for (var caller = 0; caller < Callers; caller++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/runs");
            request.Headers.TryAddWithoutValidation("Authorization", Subject.Headers.Split(": ")[1].Trim());
            request.Content = new StringContent(
                $$$"""{"kind":"agent","public_id":"{{{prefix}}}{{{caller:x12}}}","owner":{"kind":"project","id":"{{{Subject.Project}}}"},"request":{"agent_id":"writer","initial_status":"running"}}""",
                Encoding.UTF8, "application/json");
            (await client.SendAsync(request, cancellationToken)).EnsureSuccessStatusCode();
        }

        var events = string.Join(',', Enumerable.Range(0, 20).Select(
            number => $$$"""{"type":"TEXT_MESSAGE_CONTENT","messageId":"m-1","delta":"The {{{number}}}th piece of a text that is written while it is read."}"""));
        return new LoadPlan(
            ours.Process.Port, RequestTemplate.Post($"/runs/{prefix}{RequestTemplate.Mark}/events", Subject.Headers, $$$"""{"events":[{{{events}}}]}"""), caller => caller, Expected: 200);
    }
}
