using System.Collections.Concurrent;
using System.Globalization;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Topology;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection;

/// <summary>
/// The state of one test run that all its parts share: the deployment, the history, and the violations.
/// </summary>
internal sealed class Experiment(
    FaultInjectionOptions options,
    string outputDirectory,
    string runIdPrefix,
    Deployment deployment) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _responseCounts = new();
    private readonly ConcurrentDictionary<string, TimeSpan> _clockDifferences = new();
    private readonly CancellationTokenSource _callerCancellation = new();

    public FaultInjectionOptions Options => options;

    public string OutputDirectory => outputDirectory;

    /// <summary>The prefix of the run ids of this test run.</summary>
    public string RunIdPrefix => runIdPrefix;

    /// <summary>The project of all runs of this test run.</summary>
    public string ProjectId { get; } = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();

    public Deployment Deployment => deployment;

    public IReadOnlyList<Uri> Addresses => deployment.Addresses;

    public Uri BrokerUrl => deployment.BrokerUrl;

    public History History { get; } = new(outputDirectory);

    public InvariantViolations Violations { get; } = new();

    public ConcurrentDictionary<string, TrackedRun> TrackedRuns { get; } = new();

    /// <summary>The number of responses of each kind.</summary>
    public IReadOnlyDictionary<string, int> ResponseCounts => _responseCounts;

    /// <summary>The metrics of the report, in their order.</summary>
    public ConcurrentQueue<(string Label, string Value)> Metrics { get; } = new();

    /// <summary>Cancels callers that are never served.</summary>
    public CancellationTokenSource CallerCancellation => _callerCancellation;

    public static void WriteProgress(string text) => Console.Out.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{Clock.ElapsedSeconds,7:0.0} s  {text}"));

    public void CountResponse(string answer) => _responseCounts.AddOrUpdate(answer, 1, (_, count) => count + 1);

    public void AddMetric(string label, string value) => Metrics.Enqueue((label, value));

    public string GetServerName(int server) =>
        deployment.Servers.Count > 0 ? deployment.Servers[server].Name : $"api-{server + 1}";

    public bool WasUnavailable(int server, double from, double to) =>
        deployment.Servers.Count > 0 && deployment.Servers[server].WasUnavailable(from, to);

    /// <summary>Records how far apart the clocks of the servers are while they have some runs.</summary>
    public void SetClockDifference(string runIdPrefix, TimeSpan difference) => _clockDifferences[runIdPrefix] = difference;

    /// <summary>How far apart the clocks of the servers were while they had a run.</summary>
    public TimeSpan GetClockDifference(string runId) => _clockDifferences
        .Where(difference => runId.StartsWith(difference.Key, StringComparison.Ordinal))
        .Select(difference => difference.Value)
        .FirstOrDefault();

    public TrackedRun TrackRun(string id, TrackedRun? parent) => TrackedRuns.GetOrAdd(id, _ => new TrackedRun(id, parent));

    /// <summary>
    /// Waits before a retry. The time does not come from the seeded random numbers: a workload must not change because
    /// of a retry.
    /// </summary>
    public Task DelayBeforeRetry(int attempt)
    {
        var milliseconds = Random.Shared.Next(50, 100 << Math.Min(attempt, 4));
        return Task.Delay(TimeSpan.FromMilliseconds(milliseconds), _callerCancellation.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await History.DisposeAsync();
        _callerCancellation.Dispose();
    }
}
