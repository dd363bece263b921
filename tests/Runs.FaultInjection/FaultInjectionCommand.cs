using System.CommandLine;
using System.Globalization;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Topology;

namespace Runs.FaultInjection;

/// <summary>
/// Load from many callers over HTTP and AMQP, faults in everything that can fail, a history of all calls, and a check
/// of the invariants. Ends with a report, and fails when an invariant is violated.
/// </summary>
internal static class FaultInjectionCommand
{
    private static readonly TimeSpan SupervisionInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var commandLine = new FaultInjectionCommandLine();
        var command = new Command("torture", "Runs a scenario of load and faults, then checks every invariant: docs/reliability.md.");
        foreach (var option in commandLine.Options)
        {
            command.Add(option);
        }

        command.Validators.Add(commandLine.Validate);
        command.SetAction((result, _) => Run(commandLine.Read(result)));
        return command;
    }

    private static async Task<int> Run(FaultInjectionOptions options)
    {
        Experiment.WriteProgress("starting");
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        var scenario = options.Scenario;
        var directory = Directory.CreateDirectory(Path.Combine("artifacts", "torture", $"{options.Seed}")).FullName;
        await using var deployment = await StartDeployment(options, directory);
        var runIdPrefix = $"t{options.Seed}-{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds():x}";
        await using var experiment = new Experiment(options, directory, runIdPrefix, deployment);
        await using var subscriber = await EventSubscriber.Start(experiment);
        Experiment.WriteProgress($"{scenario.Name}, seed {options.Seed}: {scenario.Description}");
        Experiment.WriteProgress($"history in {Path.GetRelativePath(Environment.CurrentDirectory, directory)}");
        await using var context = new ScenarioContext(experiment);
        using (var stopping = new CancellationTokenSource())
        {
            var progress = Repeat(ProgressInterval, () => ReportProgress(context), stopping.Token);
            var supervision = Repeat(SupervisionInterval, () => RestartExitedServers(deployment), stopping.Token);
            await scenario.Execute(context);
            await context.FaultInjector.Servers.WaitForRestarts();
            await new ExperimentChecker(context, subscriber).Check();
            await stopping.CancelAsync();
            await Task.WhenAll(progress, supervision);
        }

        return ResultReport.Print(context, scenario, subscriber);
    }

    private static async Task<Deployment> StartDeployment(FaultInjectionOptions options, string directory) =>
        options.Urls.Count > 0
            ? Deployment.FromOptions(options)
            : await Deployment.Start(
                directory,
                options.Scenario.Settings,
                limitStoreDisk: options.Scenario.NeedsLimitedDisk || options.Faults.Contains(FaultKind.FullStore),
                clusterBroker: options.Scenario.NeedsBrokerCluster,
                apis: options.Scenario.ApiCount);

    private static async Task RestartExitedServers(Deployment deployment)
    {
        foreach (var server in deployment.Servers)
        {
            await server.RestartIfExited();
        }
    }

    private static Task ReportProgress(ScenarioContext context)
    {
        var (workloads, calls) = (context.Workloads.CompletedCount, context.Experiment.History.Calls.Count);
        Experiment.WriteProgress(
            $"{workloads} workloads completed, {calls} calls, {context.Experiment.Violations.Count} violations");
        return Task.CompletedTask;
    }

    private static async Task Repeat(TimeSpan interval, Func<Task> action, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await action();
            }
        }
        catch (OperationCanceledException)
        {
            // The test run is over.
        }
    }
}
