using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Scenarios;
using Runs.FaultInjection.Topology;
using Runs.Server.Messaging;

namespace Runs.FaultInjection;

/// <summary>
/// Load from many callers over HTTP and over the broker, faults in everything that can break, a history of it all, and a check of what was promised. Ends with a page of
/// verdict; fails when a promise was not kept.
/// </summary>
internal static class FaultInjectionCommand
{
    public static async Task<int> Run(string[] arguments)
    {
        FaultInjectionOptions options;
        Scenario scenario;
        try
        {
            options = FaultInjectionOptions.Parse(arguments);
            scenario = Scenario.All.FirstOrDefault(known => known.Name.Equals(options.Scenario, StringComparison.OrdinalIgnoreCase))
                ?? throw new FormatException($"There is no scenario {options.Scenario}.");
        }
        catch (FormatException wrong)
        {
            await Console.Error.WriteLineAsync($"{wrong.Message}\n{FaultInjectionOptions.Usage}");
            return 2;
        }

        Experiment.WriteProgress("starting");
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        var folder = Directory.CreateDirectory(Path.Combine("artifacts", "torture", $"{options.Seed}")).FullName;
        await using var deployment = options.Urls.Count > 0 ? Deployment.FromOptions(options) : await Deployment.Start(
            folder, scenario.Settings, limitStoreDisk: scenario.NeedsLimitedDisk || options.Faults.Contains(FaultKind.FullStore), scenario.NeedsBrokerCluster);
        await using var stage = new Experiment(options, folder, $"t{options.Seed}-{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds():x}", deployment);
        await using var listener = await EventSubscriber.Start(stage);
        Experiment.WriteProgress($"{scenario.Name}, seed {options.Seed}: {scenario.Description}; history in {Path.GetRelativePath(Environment.CurrentDirectory, folder)}");
        await using var rig = new ScenarioContext(stage);
        using (var over = new CancellationTokenSource())
        {
            var (progress, supervision) = (ReportProgress(rig, over.Token), RestartExitedServers(stage.Deployment, over.Token));
            await scenario.Execute(rig);
            await rig.FaultInjector.WaitForRestarts();
            await CheckInvariants(rig, listener);
            await over.CancelAsync();
            await Task.WhenAll(progress, supervision);
        }

        return ResultReport.Print(rig, scenario, listener);
    }

    private static async Task CheckInvariants(ScenarioContext rig, EventSubscriber listener)
    {
        var stage = rig.Experiment;
        using var store = new RunStoreReader(stage.Deployment.StoreUrl, stage.ProjectId);
        await rig.CheckEveryServerResponds();
        await WaitUntilNothingIsPending(rig, store, listener);
        if (stage.Options.IsSelfTest)
        {
            await store.Corrupt();
        }

        Experiment.WriteProgress("checking");
        var runs = await store.ReadAll();
        var checker = new InvariantChecker(stage, listener, runs);
        checker.Check();
        try
        {
            await checker.CheckHttpReads(rig.Http);
        }
        catch (OperationCanceledException) when (stage.CallerCancellation.IsCancellationRequested)
        {
            stage.Violations.Add(Invariants.UnattendedRecovery, "the list of runs could not be read in the end");
        }

        stage.Metrics.Enqueue(("runs, and events in their logs", $"{runs.Count}, {runs.Sum(run => run.Log.Count)}"));
        foreach (var server in stage.Deployment.Servers)
        {
            var asIntended = server.UnrequestedExitCodes.Count(code => code == BusWatchdog.ExitCode);
            if (asIntended > 0)
            {
                stage.Metrics.Enqueue(("ended itself for a bus that did not come back", $"{server.Name}, {asIntended} times"));
            }

            foreach (var code in server.UnrequestedExitCodes.Where(code => code != BusWatchdog.ExitCode))
            {
                stage.Violations.Add(Invariants.UnattendedRecovery, $"{server.Name} ended by itself with {code}");
            }
        }

        foreach (var created in stage.History.Calls.Where(call => call is { Call: "create", Answer: "202" }))
        {
            foreach (var (from, to) in rig.FaultInjector.StoreOutages.Where(time => created.Start > time.From && created.End < time.To))
            {
                stage.Violations.Add(Invariants.NoLostRuns, $"{created.Run} was answered 202 while there was no store: {created}");
            }
        }

        foreach (var created in stage.History.Calls.Where(call => call is { Answer: "202", Changed: true }))
        {
            if (created.End - created.Start < SlowDisk.SyncDelay.TotalSeconds && rig.FaultInjector.SlowStorePeriods.Any(time => created.Start > time.From && created.End < time.To))
            {
                stage.Violations.Add(Invariants.NoLostRuns, $"{created.Run} was answered 202 sooner than the store can have synced it: {created}");
            }
        }

        await CheckQueueIsEmpty(rig, "runs-lifecycle_error");
        await CheckQueueIsEmpty(rig, "runs-lifecycle_skipped");
        await CheckQueueIsEmpty(rig, "runs-commands_error");
        await CheckQueueIsEmpty(rig, "runs-commands_skipped");
        await CheckQueueIsEmpty(rig, "runs-dead-letters");
        await CheckQueueIsEmpty(rig, "runs-lifecycle");
        await CheckQueueIsEmpty(rig, "runs-commands");
    }

    private static async Task WaitUntilNothingIsPending(ScenarioContext rig, RunStoreReader store, EventSubscriber listener)
    {
        var (stage, begin) = (rig.Experiment, Clock.ElapsedSeconds);
        while (true)
        {
            var (outboxes, recent) = await store.CountPending();
            if (outboxes == 0 && recent == 0)
            {
                break;
            }

            if (Clock.ElapsedSeconds - begin > 120)
            {
                stage.Violations.Add(Invariants.NothingPending, $"after two minutes {outboxes} runs have something to tell, and {recent} hold events");
                break;
            }

            await Task.Delay(200);
        }

        stage.Metrics.Enqueue(("until outboxes and recent events were empty", $"{Clock.ElapsedSeconds - begin:0.0} s"));

        // What the outboxes held is confirmed by the broker; the listener has it when its queue is empty and it hears nothing any more.
        for (var heard = -1; heard != listener.ReceivedCount;)
        {
            heard = listener.ReceivedCount;
            await Task.Delay(1000);
        }
    }

    private static async Task CheckQueueIsEmpty(ScenarioContext rig, string name)
    {
        await using var connection = await new ConnectionFactory { Uri = rig.Experiment.BrokerUrl }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            var count = (await channel.QueueDeclarePassiveAsync(name)).MessageCount;
            if (count > 0)
            {
                rig.Experiment.Violations.Add(Invariants.ErrorQueues, $"{name} holds {count} messages");
                await ReportMessages(rig, channel, name);
            }
        }
        catch (OperationInterruptedException)
        {
            // it was never needed
        }
    }

    // Looks without taking: closing the channel gives them back.
    private static async Task ReportMessages(ScenarioContext rig, IChannel channel, string name)
    {
        for (var i = 0; i < 3 && await channel.BasicGetAsync(name, autoAck: false) is { } message; i++)
        {
            if (message.BasicProperties.Headers is { } death && death.TryGetValue("x-last-death-reason", out var reason) && reason is byte[] why)
            {
                rig.Experiment.Violations.Add(Invariants.ErrorQueues, $"{name}: given up for {System.Text.Encoding.UTF8.GetString(why)}: {System.Text.Encoding.UTF8.GetString(message.Body.Span[..Math.Min(200, message.Body.Length)])}");
                continue;
            }

            var cause = message.BasicProperties.Headers is { } headers && headers.TryGetValue("MT-Fault-Message", out var told) && told is byte[] text ? System.Text.Encoding.UTF8.GetString(text) : "no cause";
            rig.Experiment.Violations.Add(Invariants.ErrorQueues, $"{name}: from {message.Exchange}: {cause}");
        }
    }

    private static async Task RestartExitedServers(Deployment deployment, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                foreach (var server in deployment.Servers)
                {
                    server.RestartIfExited();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // over
        }
    }

    private static async Task ReportProgress(ScenarioContext rig, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                Experiment.WriteProgress($"{rig.Workloads.CompletedCount} lives over, {rig.Experiment.History.Calls.Count} calls, {rig.Experiment.Violations.Count} violations");
            }
        }
        catch (OperationCanceledException)
        {
            // over
        }
    }
}
