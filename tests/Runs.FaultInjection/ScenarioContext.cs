using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Execution;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection;

/// <summary>What a scenario works with.</summary>
internal sealed class ScenarioContext : IAsyncDisposable
{
    // Beside this many creates of the workloads, one run is executed by workers.
    private const int ExecutedShare = 10;

    private const double MaxRecoverySeconds = 10;
    private const double RecoveryTimeoutSeconds = 180;
    private const double ServerTimeoutSeconds = 120;

    private static readonly TimeSpan ProgressTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ReadinessTimeout = TimeSpan.FromMinutes(2);

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

    /// <summary>The replies that came twice because their commands were redelivered.</summary>
    public int DuplicateReplies => _amqpClients.Sum(client => client.DuplicateReplies);

    /// <summary>The value for a full or a short test run.</summary>
    public T FullOrShort<T>(T full, T @short) => Options.IsShort ? @short : full;

    /// <summary>Runs mixed workloads while faults are injected, then measures the time to the first 202.</summary>
    public async Task RunUnderFaults(int creates, TimeSpan duration, Func<TimeSpan, IReadOnlyList<Fault>> createSchedule)
    {
        (creates, duration) = (Options.Creates ?? creates, Options.Duration ?? duration);
        var load = Workloads.Run(creates, Options.Callers, duration, workload => workload.Execute());
        var executions = new ExecutionLoad(this).Run(creates / ExecutedShare, duration);
        await FaultInjector.Inject(Experiment.Deployment.IsManaged ? createSchedule(duration) : []);
        if (FaultInjector.FaultEndTimes.Count > 0)
        {
            await MeasureRecovery();
        }

        await WaitForCallers(Task.WhenAll(load, executions));
    }

    /// <summary>
    /// Waits until all workloads are complete. Cancels them when none completes within three minutes.
    /// </summary>
    public async Task WaitForCallers(Task workloads)
    {
        var completed = -1;
        while (await Task.WhenAny(workloads, Task.Delay(ProgressTimeout)) != workloads)
        {
            if (Workloads.CompletedCount == completed)
            {
                await Experiment.CallerCancellation.CancelAsync();
            }

            completed = Workloads.CompletedCount;
        }

        await workloads;
    }

    /// <summary>Sends a create of a task once, and records the run if it is accepted.</summary>
    /// <param name="id">The id of the run, without the prefix of the test run.</param>
    /// <param name="target">The target of the task.</param>
    /// <param name="name">The name of the call in the history.</param>
    /// <param name="attempt">The number of the attempt, from 1.</param>
    /// <param name="server">The index of the server; null for any.</param>
    public async Task<HttpResult> CreateRun(
        string id,
        string target,
        string name = "create",
        int attempt = 1,
        int? server = null)
    {
        var runId = $"{Experiment.RunIdPrefix}-{id}";
        var body = $$$"""{"kind":"task","public_id":"{{{runId}}}","owner":{"kind":"project","id":"{{{Experiment.ProjectId}}}"},"""
            + $$$""" "request":{"target":"{{{target}}}"}}""";
        var result = await Http.SendOnce(new HttpCall(name, HttpMethod.Post, "/runs", body), runId, attempt, server);
        if (result.Status == 202)
        {
            Experiment.TrackRun(runId, null).RecordCreated(result.IsCreated);
        }

        return result;
    }

    /// <summary>
    /// Checks that each server creates runs within two minutes: one to notice that it does not, one to start again.
    /// </summary>
    public async Task CheckEveryServerResponds()
    {
        for (var server = 0; server < Experiment.Addresses.Count; server++)
        {
            var name = Experiment.GetServerName(server);
            var (start, result) = (Clock.ElapsedSeconds, default(HttpResult));
            for (var attempt = 1; result.Status != 202 && Clock.ElapsedSeconds - start < ServerTimeoutSeconds; attempt++)
            {
                result = await CreateRun($"last-{server}-{attempt}", "task:last", attempt: attempt, server: server);
                await Task.Delay(result.Status == 202 ? 0 : 500);
            }

            Experiment.AddMetric($"{name} serves again after", MetricFormat.Seconds(Clock.ElapsedSeconds - start));
            if (result.Status != 202)
            {
                Experiment.Violations.Add(
                    Invariants.UnattendedRecovery,
                    $"{name} does not process commands: {result.Status} {result.Code}");
            }
        }

        try
        {
            await Experiment.Deployment.WaitUntilReady(ReadinessTimeout);
        }
        catch (TimeoutException exception)
        {
            Experiment.Violations.Add(Invariants.UnattendedRecovery, exception.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _amqpClients)
        {
            await client.DisposeAsync();
        }

        Http.Dispose();
    }

    // Creates runs until one is accepted. Any create of the workloads counts, too.
    private async Task MeasureRecovery()
    {
        var end = FaultInjector.FaultEndTimes.Max();
        for (var attempt = 0; (await CreateRun($"probe-{attempt}", "task:probe")).Status != 202; attempt++)
        {
            if (Clock.ElapsedSeconds - end > RecoveryTimeoutSeconds)
            {
                Experiment.Violations.Add(Invariants.RecoveryTime, "no create was accepted for three minutes");
                return;
            }

            await Task.Delay(100);
        }

        var recovery = Experiment.History.Calls.Where(call => call.IsAcceptedCreate && call.End > end).Min(call => call.End) - end;
        Experiment.AddMetric("first 202 after the last fault", MetricFormat.Seconds(recovery));
        if (recovery > MaxRecoverySeconds)
        {
            Experiment.Violations.Add(Invariants.RecoveryTime, $"it took {recovery:0.0} s");
        }
    }
}
