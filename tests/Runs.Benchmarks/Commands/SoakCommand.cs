using System.CommandLine;
using System.Globalization;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Commands;

/// <summary>
/// Very many creates on one server, one after the other (R21 of docs/reliability.md): its throughput, its memory, and
/// the latency of the first page of the list of all runs, as the number of runs grows.
/// </summary>
internal static class SoakCommand
{
    private const int Callers = 64;
    private const int ListCallers = 8;
    private const int FirstReport = 10_000;

    private static readonly TimeSpan SampleDuration = TimeSpan.FromSeconds(5);

    private static readonly ConsoleTable Table = new(
        ("runs", 9),
        ("creates/s", 9),
        ("p50 ms", 7),
        ("p99 ms", 7),
        ("peak MB", 7),
        ("first page p50 ms", 17),
        ("p99 ms", 7));

    public static Command Create()
    {
        var creates = CountArgument.Create("creates", 1_000_000);
        var command = new Command("soak", "Creates very many runs on one server and reports throughput, memory and list latency.")
        {
            creates,
        };
        command.SetAction((result, cancellationToken) => Run(result.GetValue(creates), cancellationToken));
        return command;
    }

    private static async Task<int> Run(int creates, CancellationToken cancellationToken)
    {
        LoadGenerator.EnableInlineCompletions();
        await using var broker = await Container.StartRabbitMq();
        await using var store = await Container.StartMongoDb();
        var services = new ServiceEndpoints(broker.Port, store.Port);
        await using var server = await BenchmarkSubject.Start(
            new SubjectOptions(BenchmarkSubject.RunsServer, services) { Database = "soak" },
            cancellationToken);
        Console.Out.WriteLine(
            $"{creates:N0} creates by {Callers} callers on one server, RabbitMQ and MongoDB in containers, "
            + $"{Environment.ProcessorCount} cores");
        Table.WriteHeader();
        var (failed, nextReport) = (0L, (long)FirstReport);
        while (server.LastRunNumber < creates)
        {
            server.Process.ResetPeakMemory();
            var load = await LoadGenerator.Run(server.CreatePlan, Callers, TimeSpan.Zero, SampleDuration, cancellationToken);
            failed += load.Failed + load.Rejected;
            if (server.LastRunNumber >= nextReport)
            {
                var peakMemory = server.Process.PeakMemory;
                var firstPage = await MeasureFirstPage(server, cancellationToken);
                Table.WriteRow([.. FormatLoad(server.LastRunNumber, load, peakMemory), .. firstPage]);
                nextReport = nextReport < creates / 10 ? creates / 10 : nextReport + (creates / 10);
            }
        }

        var (requested, stored) = (server.LastRunNumber + 1, await server.CountStoredRuns(services));
        Console.Out.WriteLine($"{requested:N0} requested, {failed:N0} failed, {stored:N0} stored");
        return failed == 0 && stored == requested ? 0 : 1;
    }

    private static string[] FormatLoad(long runs, LoadResult load, long peakMemory) =>
    [
        runs.ToString("N0", CultureInfo.InvariantCulture),
        load.PerSecond.ToString("N0", CultureInfo.InvariantCulture),
        FormatMilliseconds(load.Percentile(0.5)),
        FormatMilliseconds(load.Percentile(0.99)),
        (peakMemory / 1e6).ToString("0", CultureInfo.InvariantCulture),
    ];

    private static async Task<string[]> MeasureFirstPage(BenchmarkSubject server, CancellationToken cancellationToken)
    {
        await server.Process.WaitUntilIdle(cancellationToken);
        var plan = new LoadPlan([server.Process.Port], BenchmarkSubject.ListRequest, _ => 0, ExpectedStatus: 200);
        var page = await LoadGenerator.Run(plan, ListCallers, TimeSpan.FromSeconds(1), SampleDuration, cancellationToken);
        return [FormatMilliseconds(page.Percentile(0.5)), FormatMilliseconds(page.Percentile(0.99))];
    }

    private static string FormatMilliseconds(double milliseconds) => milliseconds.ToString("0.0", CultureInfo.InvariantCulture);
}
