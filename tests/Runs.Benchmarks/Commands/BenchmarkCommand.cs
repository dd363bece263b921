using System.CommandLine;
using System.Diagnostics;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Measurements.Execution;
using Runs.Benchmarks.Reporting;
using Runs.Benchmarks.Subjects;
using Runs.Benchmarks.Wire;

namespace Runs.Benchmarks.Commands;

/// <summary>
/// Measures Runs and what it can be compared with in one go, in turns, on the same broker and store: see
/// docs/benchmarks.md.
/// </summary>
internal static class BenchmarkCommand
{
    public static Command Create()
    {
        var commandLine = new BenchmarkCommandLine();
        var command = new Command("bench", "Compares Runs with hand-written servers and a MassTransit saga, into docs/benchmarks.md.")
        {
            CreateServeCommand(),
        };
        foreach (var option in commandLine.Options)
        {
            command.Add(option);
        }

        command.SetAction((result, cancellationToken) => Run(commandLine.Read(result), cancellationToken));
        return command;
    }

    // The command of the processes in which the hand-written servers run.
    private static Command CreateServeCommand()
    {
        var name = new Argument<string>("name");
        var port = new Argument<int>("port");
        var broker = new Argument<string>("broker");
        var store = new Argument<string>("store");
        var command = new Command("serve", "Runs one of the hand-written servers.") { name, port, broker, store };
        command.Hidden = true;
        command.SetAction((result, _) => BenchmarkSubject.RunServer(
            result.GetRequiredValue(name),
            result.GetRequiredValue(port),
            result.GetRequiredValue(broker),
            result.GetRequiredValue(store)));
        return command;
    }

    private static async Task<int> Run(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        // Read first: a measurement takes long, and may overwrite the file.
        var before = options.Against is null ? null : CompareCommand.Read(options.Against);
        LoadGenerator.EnableInlineCompletions();
        var machine = Machine.Describe(Machine.LoadAverage);
        var results = await Measure(options, cancellationToken);
        var report = new BenchmarkReport(options, results, machine);
        report.Write(options.OutputFile);
        await Console.Out.WriteLineAsync(report.ToMarkdown());
        var comparison = before is null ? 0 : CompareCommand.Report(report.ToFile(), before, options.TolerancePercent);
        return results.FailedParts.Count > 0 ? 1 : comparison;
    }

    private static async Task<BenchmarkResults> Measure(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        await using var environment = await BenchmarkEnvironment.Start();
        var results = new BenchmarkResults();
        (string Name, Func<Task> Measure)[] parts =
        [
            (BenchmarkParts.Creates, MeasureCreates),
            (BenchmarkParts.WireCosts, CountWireCosts),
            (BenchmarkParts.Reads, async () => results.Reads = await new ReadBenchmark(options, environment).Measure(cancellationToken)),
            (BenchmarkParts.Appends, MeasureAppends),
            (BenchmarkParts.Streams, MeasureStreams),
            (BenchmarkParts.Agents, async () =>
                (results.Agents, results.AgentLives) = await new AgentBenchmark(options, environment).Measure(cancellationToken)),
            (BenchmarkParts.Growth, async () =>
                results.Growth = await new GrowthBenchmark(options, environment).Measure(cancellationToken)),
            (BenchmarkParts.Startup, async () =>
                results.Startup = await new StartupBenchmark(options, environment).Measure(cancellationToken)),
            (BenchmarkParts.ScaleOut, async () =>
                results.ScaleOut = await new ScaleOutBenchmark(options, environment).Measure(cancellationToken)),
            (BenchmarkParts.BrokerCluster, async () =>
                results.BrokerCluster = await new BrokerClusterBenchmark(options, environment).Measure(cancellationToken)),
            (BenchmarkParts.Overload, async () =>
                results.Overload = await OverloadBenchmark.Measure(options, environment.Services, cancellationToken)),
            (BenchmarkParts.Claims, MeasureClaims),
            (BenchmarkParts.ClaimPools, async () =>
                results.Execution.ClaimPools = await new ClaimPoolBenchmark(options, environment).Measure(cancellationToken)),
            (BenchmarkParts.Workers, MeasureWorkers),
            (BenchmarkParts.Schedules, async () =>
                results.Execution.Schedules = await new ScheduleBenchmark(options, environment).Measure(cancellationToken)),
        ];
        foreach (var (name, measure) in parts.Where(part => options.Parts.Contains(part.Name)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            try
            {
                await measure();
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The parts before and after it took long and are valid.
                results.FailedParts.Add(name);
                Progress.Write($"{name} failed: {exception}");
            }

            results.PartDurations.Add((name, watch.Elapsed));
            Progress.Write($"{name}: {watch.Elapsed.TotalMinutes:0.0} minutes");
        }

        return results;

        async Task MeasureCreates()
        {
            var creates = new CreateBenchmark(options, environment);
            results.Creates = await creates.Measure(cancellationToken);
            results.AcceptedAndStored = creates.AcceptedAndStored;
        }

        async Task CountWireCosts()
        {
            foreach (var name in options.Subjects.Where(name => name != BenchmarkSubject.RunsEmbedded))
            {
                Progress.Write($"count what a create of {name} costs");
                results.WireCosts.AddRange(await WireCostCounter.Count(name, environment.Services, cancellationToken));
            }
        }

        async Task MeasureStreams()
        {
            var streams = new StreamBenchmark(options, environment);
            results.Streams = await streams.Measure(cancellationToken);
            results.Deliveries = streams.Deliveries;
        }

        async Task MeasureClaims()
        {
            results.Execution.Claims = await new ClaimBenchmark(options, environment).Measure(cancellationToken);
            results.Execution.ClaimCosts = await new ClaimCostCounter(options, environment).Count(cancellationToken);
            results.Execution.Pickups = await new PickupBenchmark(options, environment).Measure(cancellationToken);
            results.Execution.Contention = await new ContentionBenchmark(options, environment).Measure(cancellationToken);
        }

        async Task MeasureWorkers()
        {
            results.Execution.Workers = await new IdleWorkerBenchmark(options, environment).Measure(cancellationToken);
            results.Execution.Workers.Add(await new RenewalBenchmark(options, environment).Measure(cancellationToken));
        }

        async Task MeasureAppends()
        {
            var appends = new AppendBenchmark(options, environment);
            results.Appends = await appends.Measure(cancellationToken);
            results.AppendMemory = await appends.MeasureMemory(cancellationToken);
        }
    }
}
