using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Runs.Api;
using Runs.Api.Claims;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Claims;

/// <summary>The dispatchers of some processes, over the same runs, with a time that the test sets.</summary>
internal sealed class DispatcherHarness : IAsyncDisposable
{
    private readonly List<ClaimDispatcher> _dispatchers = [];
    private readonly Lifetime _lifetime = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly RequestLimits _limits;
    private int _sentBefore = -1;

    private DispatcherHarness(FakeTimeProvider clock)
    {
        Clock = clock;
        _limits = new RequestLimits(
            Options.Create(new ApiOptions()), new ApiMetrics(_services.GetRequiredService<IMeterFactory>()));
    }

    public FakeTimeProvider Clock { get; }

    public ReadyRuns Runs { get; } = ReadyRuns.Create();

    public FakeLogCollector Log { get; } = new();

    public static async Task<DispatcherHarness> Start(int processes = 1, FakeTimeProvider? clock = null)
    {
        var harness = new DispatcherHarness(clock ?? new FakeTimeProvider());
        for (var i = 0; i < processes; i++)
        {
            var reader = new CandidateReader(harness.Runs.Store, harness._limits, new FakeLogger<CandidateReader>(harness.Log));
            var readyPools = new KnownReadyPools(harness.Runs.Store, harness.Clock, new FakeLogger<KnownReadyPools>(harness.Log));
            var dispatcher = new ClaimDispatcher(reader, readyPools, harness.Runs, harness.Clock, harness._lifetime);
            harness._dispatchers.Add(dispatcher);
            await dispatcher.StartAsync(default);
        }

        return harness;
    }

    /// <summary>Claims runs in one of the processes. Waits for an hour by default.</summary>
    /// <returns>The ids of the claimed runs.</returns>
    public async Task<List<string>> Claim(
        int process = 0,
        TimeSpan? wait = null,
        int maxRuns = 1,
        IReadOnlyList<ClaimPool>? pools = null,
        CancellationToken aborted = default)
    {
        var result = await SendClaim(process, wait, maxRuns, pools, aborted);
        Assert.True(result.IsSuccess);
        return result.Value.ConvertAll(reply => reply.Run.RunId);
    }

    /// <summary>As <see cref="Claim"/>, but may result in a problem.</summary>
    public Task<Result<List<RunSnapshot>>> SendClaim(
        int process = 0,
        TimeSpan? wait = null,
        int maxRuns = 1,
        IReadOnlyList<ClaimPool>? pools = null,
        CancellationToken aborted = default)
    {
        var request = new ClaimRequest
        {
            Tenant = "dev",
            WorkerId = "worker",
            WorkerKey = "key",
            Pools = pools ?? [ReadyRuns.Pool],
            LeaseSeconds = 60,
            MaxRuns = maxRuns,
            Actor = new Actor { Type = ActorTypes.Worker },
            TraceId = "trace",
        };
        return _dispatchers[process].Claim(request, wait ?? TimeSpan.FromHours(1), aborted);
    }

    /// <summary>Starts a number of claims that wait, in an order.</summary>
    public List<Task<List<string>>> StartClaims(int count, int maxRuns = 1) =>
        [.. Enumerable.Range(0, count).Select(i => Claim(i % _dispatchers.Count, maxRuns: maxRuns))];

    /// <summary>Reports to every process that runs of the pool have become ready.</summary>
    public void NotifyReady() => _dispatchers.ForEach(dispatcher => dispatcher.NotifyReady("dev", [ReadyRuns.Pool.Name]));

    /// <summary>Stops the processes, as SIGTERM does.</summary>
    public void StopProcesses() => _lifetime.StopApplication();

    /// <summary>Waits for a condition, without letting time pass.</summary>
    public static Task Until(Func<bool> condition) => Eventually.Holds(() => Task.FromResult(condition()));

    /// <summary>Lets time pass until a condition holds, whenever no claim was sent since the last check.</summary>
    public Task AdvanceUntil(Func<bool> condition) => Eventually.Holds(() =>
    {
        var sent = Runs.Sent.Count;
        if (sent == _sentBefore && !condition())
        {
            Clock.Advance(ClaimDispatcher.MinReadInterval);
        }

        _sentBefore = sent;
        return Task.FromResult(condition());
    });

    public async ValueTask DisposeAsync()
    {
        _lifetime.StopApplication();
        foreach (var dispatcher in _dispatchers)
        {
            await dispatcher.StopAsync(default);
            dispatcher.Dispose();
        }

        _limits.Dispose();
        await _services.DisposeAsync();
        _lifetime.Dispose();
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }
}
