using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Measurements.Execution;
using Runs.Benchmarks.Subjects;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Commands;

/// <summary>
/// Very many claims on one server, each of a run that was created shortly before, and then workers without work (X28 of
/// docs/reliability.md): throughput and memory.
/// </summary>
internal static class ClaimSoakCommand
{
    private const int Callers = 64;
    private const int Reports = 10;
    private const int ClaimsPerLoad = 20_000;
    private const int IdlePolls = 1_000;

    private static readonly TimeSpan MaxLoad = TimeSpan.FromMinutes(5);

    private static readonly ConsoleTable Table = new(
        ("claims", 9), ("claims/s", 8), ("p50 ms", 7), ("p99 ms", 7), ("peak MB", 7), ("idle MB", 7));

    public static Command Create()
    {
        var claims = CountArgument.Create("claims", 1_000_000);
        var minutes = new Option<int>("--idle-minutes")
        {
            HelpName = "N",
            Description = $"Minutes for which {IdlePolls:N0} polls of one worker are open after the claims (10).",
            DefaultValueFactory = _ => 10,
        };
        var command = new Command("claim-soak", "Claims very many runs on one server, then polls without work: throughput and memory.")
        {
            claims,
            minutes,
        };
        command.SetAction((result, cancellationToken) => Run(result.GetValue(claims), result.GetValue(minutes), cancellationToken));
        return command;
    }

    private static async Task<int> Run(int claims, int idleMinutes, CancellationToken cancellationToken)
    {
        LoadGenerator.EnableInlineCompletions();
        await using var broker = await Container.StartRabbitMq();
        await using var store = await Container.StartMongoDb();
        var services = new ServiceEndpoints(broker.Port, store.Port);
        await using var server = await BenchmarkSubject.Start(
            new SubjectOptions(BenchmarkSubject.RunsServer, services) { Database = "claim_soak" }, cancellationToken);
        Console.Out.WriteLine(
            $"{claims:N0} claims by {Callers} workers on one server, RabbitMQ and MongoDB in containers, "
            + $"{Environment.ProcessorCount} cores");
        var failed = await Claim(server, claims, cancellationToken);
        Console.Out.WriteLine($"{failed:N0} failed");
        failed += await PollWithoutWork(server, idleMinutes, cancellationToken);
        return failed == 0 ? 0 : 1;
    }

    private static async Task<long> Claim(BenchmarkSubject server, int claims, CancellationToken cancellationToken)
    {
        var workers = await BenchmarkWorker.RegisterMany(server, Callers, cancellationToken);
        var plan = ClaimBenchmark.CreatePlan(workers, [server.Process.Port]);
        var ready = new ReadyRuns(server, [server.Process]);
        var (claimed, failed, nextReport) = (0L, 0L, (long)claims / Reports);
        Table.WriteHeader();
        while (claimed < claims)
        {
            await ready.Fill(ClaimsPerLoad, cancellationToken);
            server.Process.ResetPeakMemory();
            var limited = plan with { MaxRequests = ready.MaxClaims };
            var load = await LoadGenerator.Run(limited, Callers, TimeSpan.Zero, MaxLoad, cancellationToken);
            ready.RecordClaims(load);
            claimed += load.SucceededTotal;
            if (load.SucceededTotal == 0)
            {
                throw new InvalidOperationException("No claim succeeded.");
            }

            failed += load.Failed + load.Rejected;
            if (claimed >= nextReport)
            {
                nextReport += claims / Reports;
                var peakMemory = server.Process.PeakMemory;
                await server.Process.WaitUntilIdle(cancellationToken);
                Table.WriteRow(
                    claimed.ToString("N0", CultureInfo.InvariantCulture),
                    load.PerSecond.ToString("N0", CultureInfo.InvariantCulture),
                    load.Percentile(0.5).ToString("0.0", CultureInfo.InvariantCulture),
                    load.Percentile(0.99).ToString("0.0", CultureInfo.InvariantCulture),
                    FormatMegabytes(peakMemory),
                    FormatMegabytes(server.Process.ResidentMemory));
            }
        }

        return failed;
    }

    private static async Task<long> PollWithoutWork(BenchmarkSubject server, int minutes, CancellationToken cancellationToken)
    {
        if (minutes == 0)
        {
            return 0;
        }

        using var client = server.CreateClient();
        var worker = await BenchmarkWorker.Register(client, "idle", "task:never", cancellationToken);
        var request = worker.ClaimRequest(BenchmarkWorker.LongLeaseSeconds, ClaimBenchmark.WaitSeconds);
        var plan = new LoadPlan([server.Process.Port], request, _ => 0, ExpectedStatus: 200);
        var polls = LoadGenerator.Run(plan, IdlePolls, TimeSpan.Zero, TimeSpan.FromMinutes(minutes), cancellationToken);
        var (cpu, watch) = (server.Process.CpuSeconds, Stopwatch.StartNew());
        for (var minute = 1; minute <= minutes; minute++)
        {
            await Task.WhenAny(polls, Task.Delay(TimeSpan.FromMinutes(1), cancellationToken));
            var now = server.Process.CpuSeconds;
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{IdlePolls:N0} polls, minute {minute}: {server.Process.ResidentMemory / 1e6:0} MB, "
                + $"{100 * (now - cpu) / watch.Elapsed.TotalSeconds:0} % of a core"));
            cpu = now;
            watch.Restart();
        }

        var load = await polls;
        var failed = load.Failed + load.Rejected;
        Console.Out.WriteLine($"{load.SucceededTotal:N0} polls answered, {failed:N0} failed");
        return failed;
    }

    private static string FormatMegabytes(long bytes) => (bytes / 1e6).ToString("0", CultureInfo.InvariantCulture);
}
