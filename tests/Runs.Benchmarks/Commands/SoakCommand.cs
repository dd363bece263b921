using System.Globalization;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Targets;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Commands;

/// <summary>
/// Very many creates on one server, one after the other (R21 of docs/reliability.md): what it serves, how much memory it has, and how long the first page of the list of them all takes, the
/// more runs there are.
/// </summary>
internal static class SoakCommand
{
    private const int Callers = 64;
    private const int ListCallers = 8;
    private static readonly TimeSpan SampleDuration = TimeSpan.FromSeconds(5);

    public static async Task<int> Run(string[] arguments)
    {
        var creates = arguments is [var number] ? long.Parse(number, CultureInfo.InvariantCulture) : 1_000_000;
        LoadGenerator.EnableInlineCompletions();
        await using var broker = await Container.StartRabbitMq();
        await using var store = await Container.StartMongoDb();
        var rig = new ServiceEndpoints(broker.Port, store.Port);
        await using var server = await BenchmarkTarget.Start(BenchmarkTarget.RunsServer, rig, CancellationToken.None, "soak");
        Console.Out.WriteLine($"{creates:N0} creates by {Callers} callers on one server, RabbitMQ and MongoDB's place in containers, {Environment.ProcessorCount} cores");
        Console.Out.WriteLine($"| {"runs",9} | {"creates/s",9} | {"p50 ms",7} | {"p99 ms",7} | {"peak MB",7} | {"first page p50 ms",17} | {"p99 ms",7} |");
        Console.Out.WriteLine($"|{new string('-', 11)}|{new string('-', 11)}|{new string('-', 9)}|{new string('-', 9)}|{new string('-', 9)}|{new string('-', 19)}|{new string('-', 9)}|");
        var (failed, next) = (0L, 10_000L);
        while (server.LastRunNumber < creates)
        {
            server.Process.ResetPeakMemory();
            var load = await LoadGenerator.Run(server.CreatePlan, Callers, TimeSpan.Zero, SampleDuration, CancellationToken.None);
            failed += load.Failed + load.Rejected;
            if (server.LastRunNumber >= next)
            {
                var memory = server.Process.PeakMemory;
                await server.Process.WaitUntilIdle(CancellationToken.None);
                var page = await LoadGenerator.Run(
                    new LoadPlan(server.Process.Port, ListPageBenchmark.FirstPageRequest, _ => 0, ExpectedStatus: 200), ListCallers, TimeSpan.FromSeconds(1), SampleDuration, CancellationToken.None);
                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {server.LastRunNumber,9:N0} | {load.PerSecond,9:N0} | {load.Percentile(0.5),7:0.0} | {load.Percentile(0.99),7:0.0} | {memory / 1e6,7:0} | {page.Percentile(0.5),17:0.0} | {page.Percentile(0.99),7:0.0} |"));
                next = next < creates / 10 ? creates / 10 : next + (creates / 10);
            }
        }

        var stored = await server.CountStoredRuns(rig);
        Console.Out.WriteLine($"{server.LastRunNumber + 1:N0} asked for, {failed:N0} failed, {stored:N0} stored");
        return failed == 0 && stored == server.LastRunNumber + 1 ? 0 : 1;
    }
}
