using System.Globalization;
using Runs.Bench.Bench.Load;
using Runs.Bench.Bench.Measurements;
using Runs.Bench.Bench.Subjects;

namespace Runs.Bench.Bench;

/// <summary>
/// Very many creates on one server, one after the other (R21 of docs/reliability.md): what it serves, how much memory it has, and how long the first page of the list of them all takes, the
/// more runs there are.
/// </summary>
internal static class SoakCommand
{
    private const int Callers = 64;
    private const int ListCallers = 8;
    private static readonly TimeSpan Piece = TimeSpan.FromSeconds(5);

    public static async Task<int> Run(string[] arguments)
    {
        var creates = arguments is [var number] ? long.Parse(number, CultureInfo.InvariantCulture) : 1_000_000;
        LoadGenerator.AnswerInline();
        await using var broker = await Container.RabbitMq();
        await using var store = await Container.MongoDb();
        var rig = new Rig(broker.Port, store.Port);
        await using var server = await Subject.Start(Subject.Ours, rig, CancellationToken.None, "soak");
        Console.Out.WriteLine($"{creates:N0} creates by {Callers} callers on one server, RabbitMQ and MongoDB's place in containers, {Environment.ProcessorCount} cores");
        Console.Out.WriteLine($"| {"runs",9} | {"creates/s",9} | {"p50 ms",7} | {"p99 ms",7} | {"peak MB",7} | {"first page p50 ms",17} | {"p99 ms",7} |");
        Console.Out.WriteLine($"|{new string('-', 11)}|{new string('-', 11)}|{new string('-', 9)}|{new string('-', 9)}|{new string('-', 9)}|{new string('-', 19)}|{new string('-', 9)}|");
        var (failed, next) = (0L, 10_000L);
        while (server.LastNumber < creates)
        {
            server.Process.ForgetPeak();
            var load = await LoadGenerator.Run(server.Creates, Callers, TimeSpan.Zero, Piece, CancellationToken.None);
            failed += load.Failed + load.Refused;
            if (server.LastNumber >= next)
            {
                var memory = server.Process.PeakMemory;
                await server.Process.IsQuiet(CancellationToken.None);
                var page = await LoadGenerator.Run(
                    new LoadPlan(server.Process.Port, ListPages.Page, _ => 0, Expected: 200), ListCallers, TimeSpan.FromSeconds(1), Piece, CancellationToken.None);
                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {server.LastNumber,9:N0} | {load.PerSecond,9:N0} | {load.Percentile(0.5),7:0.0} | {load.Percentile(0.99),7:0.0} | {memory / 1e6,7:0} | {page.Percentile(0.5),17:0.0} | {page.Percentile(0.99),7:0.0} |"));
                next = next < creates / 10 ? creates / 10 : next + (creates / 10);
            }
        }

        var stored = await server.Stored(rig);
        Console.Out.WriteLine($"{server.LastNumber + 1:N0} asked for, {failed:N0} failed, {stored:N0} stored");
        return failed == 0 && stored == server.LastNumber + 1 ? 0 : 1;
    }
}
