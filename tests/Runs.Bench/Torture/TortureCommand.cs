using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Runs.Server;

namespace Runs.Bench.Torture;

/// <summary>
/// Load from many callers over HTTP and over the broker, faults in everything that can break, a history of it all, and a check of what was promised. Ends with a page of
/// verdict; fails when a promise was not kept.
/// </summary>
internal static class TortureCommand
{
    public static async Task<int> Run(string[] arguments)
    {
        TortureOptions options;
        Scenario scenario;
        try
        {
            options = TortureOptions.Read(arguments);
            scenario = Scenario.All.FirstOrDefault(known => known.Name.Equals(options.Scenario, StringComparison.OrdinalIgnoreCase))
                ?? throw new FormatException($"There is no scenario {options.Scenario}.");
        }
        catch (FormatException wrong)
        {
            await Console.Error.WriteLineAsync($"{wrong.Message}\n{TortureOptions.Usage}");
            return 2;
        }

        Stage.Say("starting");
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        var folder = Directory.CreateDirectory(Path.Combine("artifacts", "torture", $"{options.Seed}")).FullName;
        await using var deployment = options.Urls.Count > 0 ? Deployment.Of(options) : await Deployment.Start(
            folder, scenario.Settings, limitsDisk: scenario.FillsDisk || options.Faults.Contains(FaultKind.FullStore), scenario.ClustersBroker);
        await using var stage = new Stage(options, folder, $"t{options.Seed}-{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds():x}", deployment);
        await using var listener = await Listener.Start(stage);
        Stage.Say($"{scenario.Name}, seed {options.Seed}: {scenario.What}; history in {Path.GetRelativePath(Environment.CurrentDirectory, folder)}");
        await using var rig = new Rig(stage);
        using (var over = new CancellationTokenSource())
        {
            var (progress, supervision) = (Progress(rig, over.Token), Supervise(stage.Deployment, over.Token));
            await scenario.Play(rig);
            await rig.Harm.AllReturned();
            await Judge(rig, listener);
            await over.CancelAsync();
            await Task.WhenAll(progress, supervision);
        }

        return Verdict.Print(rig, scenario, listener);
    }

    private static async Task Judge(Rig rig, Listener listener)
    {
        var stage = rig.Stage;
        using var store = new StoredRuns(stage.Deployment.StoreUrl, stage.Project);
        await rig.EveryServerServes();
        await Settle(rig, store, listener);
        if (stage.Options.Sabotage)
        {
            await store.Damage();
        }

        Stage.Say("checking");
        var runs = await store.All();
        var checker = new Checker(stage, listener, runs);
        checker.Check();
        try
        {
            await checker.CheckOverHttp(rig.Http);
        }
        catch (OperationCanceledException) when (stage.GivingUp.IsCancellationRequested)
        {
            stage.Violations.Add(Promises.NoHelp, "the list of runs could not be read in the end");
        }

        stage.Figures.Enqueue(("runs, and events in their logs", $"{runs.Count}, {runs.Sum(run => run.Log.Count)}"));
        foreach (var server in stage.Deployment.Servers)
        {
            var asIntended = server.OwnEnds.Count(code => code == BusWatch.ExitCode);
            if (asIntended > 0)
            {
                stage.Figures.Enqueue(("ended itself for a bus that did not come back", $"{server.Name}, {asIntended} times"));
            }

            foreach (var code in server.OwnEnds.Where(code => code != BusWatch.ExitCode))
            {
                stage.Violations.Add(Promises.NoHelp, $"{server.Name} ended by itself with {code}");
            }
        }

        foreach (var created in stage.History.Calls.Where(call => call is { Call: "create", Answer: "202" }))
        {
            foreach (var (from, to) in rig.Harm.Storeless.Where(time => created.Start > time.From && created.End < time.To))
            {
                stage.Violations.Add(Promises.NoneLost, $"{created.Run} was answered 202 while there was no store: {created}");
            }
        }

        foreach (var created in stage.History.Calls.Where(call => call is { Answer: "202", Changed: true }))
        {
            if (created.End - created.Start < SlowDisk.Delay.TotalSeconds && rig.Harm.Slowed.Any(time => created.Start > time.From && created.End < time.To))
            {
                stage.Violations.Add(Promises.NoneLost, $"{created.Run} was answered 202 sooner than the store can have synced it: {created}");
            }
        }

        await CheckQueue(rig, "runs-lifecycle_error");
        await CheckQueue(rig, "runs-lifecycle_skipped");
        await CheckQueue(rig, "runs-commands_error");
        await CheckQueue(rig, "runs-commands_skipped");
        await CheckQueue(rig, "runs-dead-letters");
        await CheckQueue(rig, "runs-lifecycle");
        await CheckQueue(rig, "runs-commands");
    }

    private static async Task Settle(Rig rig, StoredRuns store, Listener listener)
    {
        var (stage, begin) = (rig.Stage, Watch.Seconds);
        while (true)
        {
            var (outboxes, recent) = await store.Unsettled();
            if (outboxes == 0 && recent == 0)
            {
                break;
            }

            if (Watch.Seconds - begin > 120)
            {
                stage.Violations.Add(Promises.Settled, $"after two minutes {outboxes} runs have something to tell, and {recent} hold events");
                break;
            }

            await Task.Delay(200);
        }

        stage.Figures.Enqueue(("until outboxes and recent events were empty", $"{Watch.Seconds - begin:0.0} s"));

        // What the outboxes held is confirmed by the broker; the listener has it when its queue is empty and it hears nothing any more.
        for (var heard = -1; heard != listener.Heard;)
        {
            heard = listener.Heard;
            await Task.Delay(1000);
        }
    }

    private static async Task CheckQueue(Rig rig, string name)
    {
        await using var connection = await new ConnectionFactory { Uri = rig.Stage.BrokerUrl }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            var count = (await channel.QueueDeclarePassiveAsync(name)).MessageCount;
            if (count > 0)
            {
                rig.Stage.Violations.Add(Promises.Queues, $"{name} holds {count} messages");
                await Describe(rig, channel, name);
            }
        }
        catch (OperationInterruptedException)
        {
            // it was never needed
        }
    }

    // Looks without taking: closing the channel gives them back.
    private static async Task Describe(Rig rig, IChannel channel, string name)
    {
        for (var i = 0; i < 3 && await channel.BasicGetAsync(name, autoAck: false) is { } message; i++)
        {
            if (message.BasicProperties.Headers is { } death && death.TryGetValue("x-last-death-reason", out var reason) && reason is byte[] why)
            {
                rig.Stage.Violations.Add(Promises.Queues, $"{name}: given up for {System.Text.Encoding.UTF8.GetString(why)}: {System.Text.Encoding.UTF8.GetString(message.Body.Span[..Math.Min(200, message.Body.Length)])}");
                continue;
            }

            var cause = message.BasicProperties.Headers is { } headers && headers.TryGetValue("MT-Fault-Message", out var told) && told is byte[] text ? System.Text.Encoding.UTF8.GetString(text) : "no cause";
            rig.Stage.Violations.Add(Promises.Queues, $"{name}: from {message.Exchange}: {cause}");
        }
    }

    private static async Task Supervise(Deployment deployment, CancellationToken over)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(over))
            {
                foreach (var server in deployment.Servers)
                {
                    server.Supervise();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // over
        }
    }

    private static async Task Progress(Rig rig, CancellationToken over)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10));
        try
        {
            while (await timer.WaitForNextTickAsync(over))
            {
                Stage.Say($"{rig.Load.Done} lives over, {rig.Stage.History.Calls.Count} calls, {rig.Stage.Violations.Count} violations");
            }
        }
        catch (OperationCanceledException)
        {
            // over
        }
    }
}
