using System.Globalization;
using System.Runtime.InteropServices;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Reporting;
using Runs.Benchmarks.Targets;
using Runs.Benchmarks.Wire;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Commands;

/// <summary>
/// Runs beside what it could be compared with, measured in one go, in turns, on the same broker and store: see docs/benchmarks.md. Everything that it starts
/// ends with it.
/// </summary>
internal static class BenchmarkCommand
{
    public static async Task<int> Run(string[] arguments)
    {
        if (arguments is ["serve", var name, var port, var broker, var store])
        {
            await BenchmarkTarget.RunServer(name, int.Parse(port, CultureInfo.InvariantCulture), broker, store);
            return 0;
        }

        try
        {
            return await Measure(BenchmarkOptions.Parse(arguments));
        }
        catch (FormatException wrong)
        {
            await Console.Error.WriteLineAsync($"{wrong.Message}\n{BenchmarkOptions.Usage}");
            return 2;
        }
    }

    private static async Task<int> Measure(BenchmarkOptions options)
    {
        LoadGenerator.EnableInlineCompletions();
        using var stopping = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var machine = Machine.Describe(Machine.LoadAverage);
        try
        {
            var results = await Measure(options, stopping.Token);
            var report = new BenchmarkReport(options, results, machine);
            report.Write(options.OutputFile);
            await Console.Out.WriteLineAsync(report.ToMarkdown());
            return 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 130;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true; // what was started is ended on the way out
            stopping.Cancel();
        }
    }

    private static async Task<BenchmarkResults> Measure(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var starting = (Broker: Container.StartRabbitMq(), Store: Container.StartMongoDb());
        await using var broker = await starting.Broker;
        await using var store = await starting.Store;
        cancellationToken.ThrowIfCancellationRequested();
        var rig = new ServiceEndpoints(broker.Port, store.Port);
        foreach (var build in options.Builds.Keys)
        {
            await broker.Execute("rabbitmqctl", "add_vhost", build);
            await broker.Execute("rabbitmqctl", "set_permissions", "--vhost", build, "guest", ".*", ".*", ".*");
        }

        var results = new BenchmarkResults();
        if (options.Parts.Contains("creates"))
        {
            var creates = new CreateBenchmark(options, rig, new Sampler(broker, store));
            results.CreateSamples = await creates.Measure(cancellationToken);
            results.AcceptedAndStored = creates.AcceptedAndStored;
        }

        if (options.Parts.Contains("costs"))
        {
            foreach (var name in options.Targets.Where(name => name != BenchmarkTarget.RunsEmbedded))
            {
                Progress.Write($"count what a create of {name} costs");
                results.Costs.AddRange(await WireCostCounter.Count(name, rig, cancellationToken));
            }
        }

        if (options.Parts.Contains("operations"))
        {
            results.Operations = await new OperationsBenchmark(options, rig).Measure(cancellationToken);
        }

        if (options.Parts.Contains("lists"))
        {
            results.ListPages = await new ListPageBenchmark(options, rig).Measure(cancellationToken);
        }

        if (options.Parts.Contains("overload"))
        {
            results.Overload = await OverloadResult.Measure(options, rig, cancellationToken);
        }

        if (options.Parts.Contains("starts"))
        {
            results.StartupSeconds = await StartupBenchmark.Measure(options, rig, cancellationToken);
        }

        return results;
    }
}
