using System.Collections.Concurrent;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Topology;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection;

/// <summary>What all parts of one torture share: where things are, what was seen, and how patient everybody is.</summary>
internal sealed class Experiment(FaultInjectionOptions options, string outputDirectory, string runIdPrefix, Deployment deployment) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _responseCounts = new();
    private readonly CancellationTokenSource _callerCancellation = new();

    public FaultInjectionOptions Options => options;

    public string OutputDirectory => outputDirectory;

    /// <summary>Begins every run id of this torture, and no other's.</summary>
    public string RunIdPrefix => runIdPrefix;

    /// <summary>The project that every run of this torture belongs to.</summary>
    public string ProjectId { get; } = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();

    public Deployment Deployment => deployment;

    public IReadOnlyList<Uri> Addresses => deployment.Addresses;

    public Uri BrokerUrl => deployment.BrokerUrl;

    public History History { get; } = new(outputDirectory);

    public InvariantViolations Violations { get; } = new();

    public ConcurrentDictionary<string, TrackedRun> TrackedRuns { get; } = new();

    /// <summary>How often which answer was given.</summary>
    public IReadOnlyDictionary<string, int> ResponseCounts => _responseCounts;

    /// <summary>Figures for the verdict, in their order.</summary>
    public ConcurrentQueue<(string What, string Figure)> Metrics { get; } = new();

    /// <summary>Ends callers who were never served.</summary>
    public CancellationTokenSource CallerCancellation => _callerCancellation;

    public void CountResponse(string answer) => _responseCounts.AddOrUpdate(answer, 1, (_, count) => count + 1);

    public string GetServerName(int server) => deployment.Servers.Count > 0 ? deployment.Servers[server].Name : $"api-{server + 1}";

    public bool WasUnavailable(int server, double from, double to) => deployment.Servers.Count > 0 && deployment.Servers[server].WasUnavailable(from, to);

    public TrackedRun TrackRun(string id, TrackedRun? parent) => TrackedRuns.GetOrAdd(id, _ => new TrackedRun(id, parent));

    /// <summary>What a client does before it asks again. How long is left to chance: a life must not go on otherwise because it had to ask twice.</summary>
    public Task DelayBeforeRetry(int attempt) =>
        Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(50, 100 << Math.Min(attempt, 4))), _callerCancellation.Token);

    public async ValueTask DisposeAsync()
    {
        await History.DisposeAsync();
        _callerCancellation.Dispose();
    }

    public static void WriteProgress(string text) =>
        Console.Out.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Clock.ElapsedSeconds,7:0.0} s  {text}"));
}
