using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Topology;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection;

/// <summary>Everything that a scenario works with.</summary>
internal sealed class ScenarioContext : IAsyncDisposable
{
    private readonly List<RecordingAmqpClient> _amqpClients;

    public ScenarioContext(Experiment experiment)
    {
        Experiment = experiment;
        Http = new RecordingHttpClient(experiment);
        FaultInjector = new FaultInjector(experiment);
        _amqpClients = [.. Enumerable.Range(0, 4).Select(_ => new RecordingAmqpClient(experiment))];
        Workloads = new WorkloadRunner(experiment, Http, _amqpClients);
    }

    public Experiment Experiment { get; }

    public FaultInjectionOptions Options => Experiment.Options;

    public RecordingHttpClient Http { get; }

    public FaultInjector FaultInjector { get; }

    public WorkloadRunner Workloads { get; }

    public RecordingAmqpClient Amqp => _amqpClients[0];

    /// <summary>Commands that cannot be right, sent by the scenario.</summary>
    public int PoisonMessageCount { get; set; }

    /// <summary>Replies that came again: their commands were delivered again.</summary>
    public int DuplicateReplies => _amqpClients.Sum(broker => broker.DuplicateReplies);

    /// <summary>A full or a short value.</summary>
    public T FullOrShort<T>(T full, T @short) => Options.IsShort ? @short : full;

    /// <summary>Mixed lives while faults happen, then the first 202 after the last fault.</summary>
    public async Task RunUnderFaults(int creates, TimeSpan duration, Func<TimeSpan, IReadOnlyList<Fault>> faults)
    {
        (creates, duration) = (Options.Creates ?? creates, Options.Duration ?? duration);
        var load = Workloads.Run(0, creates, Options.Callers, duration, life => life.Execute());
        await FaultInjector.Inject(Experiment.Deployment.IsManaged ? faults(duration) : []);
        if (FaultInjector.FaultEndTimes.Count > 0)
        {
            await MeasureRecovery();
        }

        await WaitForCallers(load);
    }

    /// <summary>Waits until every caller has been served. When three minutes pass in which none is, those who wait have been let down.</summary>
    public async Task WaitForCallers(Task workloads)
    {
        for (var before = -1; await Task.WhenAny(workloads, Task.Delay(TimeSpan.FromMinutes(3))) != workloads; before = Workloads.CompletedCount)
        {
            if (Workloads.CompletedCount == before)
            {
                await Experiment.CallerCancellation.CancelAsync();
            }
        }

        await workloads;
    }

    /// <summary>Creates runs until one is answered 202.</summary>
    public async Task MeasureRecovery()
    {
        var over = FaultInjector.FaultEndTimes.Max();
        for (var attempt = 0; ; attempt++)
        {
            if (Clock.ElapsedSeconds - over > 180)
            {
                Experiment.Violations.Add(Invariants.RecoveryTime, "there was none for three minutes");
                return;
            }

            var id = $"{Experiment.RunIdPrefix}-probe-{attempt}";
            var body = $$"""{"kind":"task","public_id":"{{id}}","owner":{"kind":"project","id":"{{Experiment.ProjectId}}"},"request":{"target":"task:probe"} }""";
            var answer = await Http.SendOnce(HttpMethod.Post, "/runs", body, "create", id, 1);
            if (answer.Status == 202)
            {
                Experiment.TrackRun(id, null).RecordCreated(!answer.Body.GetProperty("duplicate").GetBoolean());
                break;
            }

            await Task.Delay(100);
        }

        var first = Experiment.History.Calls.Where(call => call is { Call: "create", Answer: "202" } && call.End > over).Min(call => call.End) - over;
        Experiment.Metrics.Enqueue(("first 202 after the last fault", $"{first:0.0} s"));
        if (first > 10)
        {
            Experiment.Violations.Add(Invariants.RecoveryTime, $"it took {first:0.0} s");
        }
    }

    /// <summary>Each address creates runs again, not only the others, within two minutes: one to see that it does not, one to be started anew.</summary>
    public async Task CheckEveryServerResponds()
    {
        for (var server = 0; server < Experiment.Addresses.Count; server++)
        {
            var (from, answer) = (Clock.ElapsedSeconds, default(HttpResult));
            for (var attempt = 1; answer.Status != 202 && Clock.ElapsedSeconds - from < 120; attempt++)
            {
                var id = $"{Experiment.RunIdPrefix}-last-{server}-{attempt}";
                var body = $$"""{"kind":"task","public_id":"{{id}}","owner":{"kind":"project","id":"{{Experiment.ProjectId}}"},"request":{"target":"task:last"} }""";
                answer = await Http.SendOnce(HttpMethod.Post, "/runs", body, "create", id, attempt, server: server);
                await Task.Delay(answer.Status == 202 ? 0 : 500);
            }

            Experiment.Metrics.Enqueue(($"{Experiment.GetServerName(server)} serves again after", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Clock.ElapsedSeconds - from:0.0} s")));
            if (answer.Status != 202)
            {
                Experiment.Violations.Add(Invariants.UnattendedRecovery, $"{Experiment.GetServerName(server)} answers no command any more: {answer.Status} {answer.Code}");
            }
        }

        try
        {
            await Experiment.Deployment.WaitUntilReady(TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException trouble)
        {
            Experiment.Violations.Add(Invariants.UnattendedRecovery, trouble.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in _amqpClients)
        {
            await broker.DisposeAsync();
        }

        Http.Dispose();
    }
}
