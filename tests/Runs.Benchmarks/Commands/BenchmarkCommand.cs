using System.CommandLine;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Reporting;
using Runs.Benchmarks.Targets;
using Runs.Benchmarks.Wire;
using Runs.TestEnvironment;

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
        var command = new Command("bench", "Compares Runs with hand-written servers and MassTransit's defaults, into docs/benchmarks.md.")
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
        command.SetAction((result, _) => BenchmarkTarget.RunServer(
            result.GetRequiredValue(name),
            result.GetRequiredValue(port),
            result.GetRequiredValue(broker),
            result.GetRequiredValue(store)));
        return command;
    }

    private static async Task<int> Run(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        LoadGenerator.EnableInlineCompletions();
        var machine = Machine.Describe(Machine.LoadAverage);
        var results = await Measure(options, cancellationToken);
        var report = new BenchmarkReport(options, results, machine);
        report.Write(options.OutputFile);
        await Console.Out.WriteLineAsync(report.ToMarkdown());
        return 0;
    }

    private static async Task<BenchmarkResults> Measure(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var starting = (Broker: Container.StartRabbitMq(), Store: Container.StartMongoDb());
        await using var broker = await starting.Broker;
        await using var store = await starting.Store;
        cancellationToken.ThrowIfCancellationRequested();
        var services = new ServiceEndpoints(broker.Port, store.Port);
        foreach (var build in options.Builds.Keys)
        {
            await broker.Execute("rabbitmqctl", "add_vhost", build);
            await broker.Execute("rabbitmqctl", "set_permissions", "--vhost", build, "guest", ".*", ".*", ".*");
        }

        var results = new BenchmarkResults();
        if (options.Parts.Contains(BenchmarkParts.Creates))
        {
            var creates = new CreateBenchmark(options, services, new Sampler(broker, store));
            results.CreateSamples = await creates.Measure(cancellationToken);
            results.AcceptedAndStored = creates.AcceptedAndStored;
        }

        if (options.Parts.Contains(BenchmarkParts.Costs))
        {
            foreach (var name in options.Targets.Where(name => name != BenchmarkTarget.RunsEmbedded))
            {
                Progress.Write($"count what a create of {name} costs");
                results.Costs.AddRange(await WireCostCounter.Count(name, services, cancellationToken));
            }
        }

        if (options.Parts.Contains(BenchmarkParts.Operations))
        {
            results.Operations = await new OperationsBenchmark(options, services).Measure(cancellationToken);
        }

        if (options.Parts.Contains(BenchmarkParts.Lists))
        {
            results.ListPages = await new ListPageBenchmark(options, services).Measure(cancellationToken);
        }

        if (options.Parts.Contains(BenchmarkParts.Overload))
        {
            results.Overload = await OverloadBenchmark.Measure(options, services, cancellationToken);
        }

        if (options.Parts.Contains(BenchmarkParts.Starts))
        {
            results.StartupSeconds = await StartupBenchmark.Measure(options, services, cancellationToken);
        }

        return results;
    }
}
