using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Runs.Api.Authentication;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Reporting;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.WorkerProcesses;

/// <summary>A process of <see cref="WorkerCommand"/>. Its records become part of the history.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);

    private readonly Experiment _experiment;
    private readonly ConcurrentQueue<CallRecord> _records = new();
    private readonly DotnetProcess _process;

    private WorkerProcess(Experiment experiment, string name, string key, IEnumerable<string> arguments, Uri address)
    {
        (_experiment, Name, Key) = (experiment, name, key);
        var environment = new Dictionary<string, string?>
        {
            ["RUNS_URL"] = address.ToString(),
            ["RUNS_API_KEY"] = experiment.Options.Key ?? DevelopmentApiKey.Key,
            ["RUNS_PROJECT"] = experiment.ProjectId,
            [Clock.StartVariable] = Clock.Start,
            ["DOTNET_TieredPGO"] = "0",
        };
        var log = Path.Combine(experiment.OutputDirectory, $"worker-{name}.log");
        _process = DotnetProcess.Start(
            [typeof(WorkerProcess).Assembly.Location, "worker", .. arguments],
            environment,
            AddRecord,
            line => File.AppendAllText(log, line + Environment.NewLine));
    }

    /// <summary>The name in the history.</summary>
    public string Name { get; }

    /// <summary>The key, which the next process of the worker has, too.</summary>
    public string Key { get; }

    /// <summary>What the process has recorded.</summary>
    public IReadOnlyCollection<CallRecord> Records => _records;

    /// <summary>Starts a worker process.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="key">The key.</param>
    /// <param name="generation">The number of the process of this worker.</param>
    /// <param name="target">The target that it executes.</param>
    /// <param name="slots">The number of runs that it executes at the same time.</param>
    /// <param name="leaseSeconds">The duration of its leases.</param>
    /// <param name="ignoresStop">Whether its handlers write until the server rejects it.</param>
    public static WorkerProcess Start(
        Experiment experiment,
        string key,
        int generation,
        string target,
        int slots,
        int leaseSeconds,
        bool ignoresStop = false)
    {
        var name = $"{key}.{generation}";
        string[] arguments =
        [
            "--name", name, "--key", key, "--target", target,
            "--slots", slots.ToString(CultureInfo.InvariantCulture),
            "--lease", leaseSeconds.ToString(CultureInfo.InvariantCulture),
        ];
        var address = experiment.Addresses[key[^1] % experiment.Addresses.Count];
        return new WorkerProcess(experiment, name, key, ignoresStop ? [.. arguments, "--ignores-stop"] : arguments, address);
    }

    /// <summary>Waits until the worker is registered.</summary>
    public Task WaitUntilRegistered() => Poll.Until(
        () => Task.FromResult(_records.Any(record => record is { Call: ExecutionCalls.Register, Answer: "201" })),
        StartTimeout,
        TimeSpan.FromMilliseconds(50),
        $"The worker {Name} has not registered.");

    /// <summary>Ends the process as <c>kill -9</c> does.</summary>
    public Task Kill() => _process.Kill();

    /// <summary>Sends SIGTERM and waits until the process has exited.</summary>
    public Task Terminate() => _process.Terminate();

    /// <summary>Stops the execution with SIGSTOP.</summary>
    public Task Suspend() => _process.Suspend();

    /// <summary>Continues the execution with SIGCONT.</summary>
    public Task Resume() => _process.Resume();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private void AddRecord(string line)
    {
        // A process that is killed may leave an incomplete line.
        if (!line.EndsWith('}'))
        {
            return;
        }

        var record = JsonSerializer.Deserialize<CallRecord>(line, History.JsonOptions)!;
        _records.Enqueue(record);
        _experiment.History.Add(record);
        if (record is { Answer: "200", AppendedEvents: { } events })
        {
            _experiment.TrackRun(record.Run!, null).RecordAppended(events);
        }
        else if (record is { Call: ExecutionCalls.Complete, Answer: "200" } && StatusTransitions.IsFinal(record.Status))
        {
            _experiment.TrackRun(record.Run!, null).RecordOutcome(record.Status!, byThisCall: false);
        }
    }
}
