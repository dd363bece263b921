using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Runs.Api;
using Runs.Api.Claims;
using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Http;

/// <summary>What a heartbeat costs, and what it does with runs whose claim was answered in vain.</summary>
public sealed class HeartbeatLeasesTests : SqliteFileTestBase, IAsyncLifetime
{
    private const string Instance = "process-1";

    private static readonly Guid WorkerId = RunIds.ForRun("worker", "1");

    private readonly FakeTimeProvider _clock = new(TestRuns.Noon);
    private readonly TestMeterFactory _meters = new();
    private readonly RecordingSender _sender = new();
    private readonly InterceptedStore _store;
    private readonly HeartbeatLeases _leases;

    public HeartbeatLeasesTests()
    {
        _store = InterceptedStore.Wrap(Open(DatabaseFile));
        var execution = Options.Create(new ExecutionOptions());
        var watcher = new RunWatcher(_store.Store, _clock, Options.Create(new ApiOptions()), NullLogger<RunWatcher>.Instance);
        _leases = new HeartbeatLeases(
            _store.Store,
            new LeaseRenewer(_store.Store, execution, _clock, _meters),
            _sender,
            watcher,
            new ApiMetrics(_meters),
            execution,
            _clock,
            new Lifetime());
    }

    public Task InitializeAsync() => _store.Store.Initialize(default);

    public Task DisposeAsync()
    {
        _meters.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task All_leases_of_a_process_cost_one_read_and_one_write()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Insert()));
        var callsBefore = _store.Calls;

        var held = await Beat(runs);

        Assert.Equal(2, _store.Calls - callsBefore);
        Assert.All(held, run => Assert.Equal(TestRuns.Noon.AddSeconds(60), run.LeaseExpiresAt));
    }

    [Fact]
    public async Task X8_a_run_that_the_process_does_not_name_is_released_as_unclaimed_15_seconds_after_its_claim()
    {
        var (named, unnamed) = (await Insert(), await Insert());
        await Insert(instance: "process-2");

        _clock.Advance(TimeSpan.FromSeconds(14));
        await Beat([named]);
        Assert.Empty(_sender.Released);

        _clock.Advance(TimeSpan.FromSeconds(1));
        await Beat([named]);
        Assert.Equal([(unnamed.RunId, 3)], _sender.Released);
    }

    [Fact]
    public async Task A_heartbeat_without_the_name_of_its_process_releases_nothing()
    {
        await Insert();
        _clock.Advance(TimeSpan.FromMinutes(1));

        await Beat([], instance: null);

        Assert.Empty(_sender.Released);
    }

    private Task<List<HeldRunResource>> Beat(IReadOnlyList<Run> runs, string? instance = Instance)
    {
        var caller = new Caller("dev", null)
        {
            ActorType = ResponderTypes.System,
            Actor = new Actor { Type = ActorTypes.Worker },
            TraceId = "trace",
            Worker = new CallingWorker(WorkerId, "project", "python", "key", "hash"),
        };
        var body = new SendHeartbeatBody { InstanceId = instance, Runs = [.. runs.Select(run => new HeldRun(run.RunId, run.Attempt))] };
        return _leases.RenewAndWait(caller, body, default);
    }

    private async Task<Run> Insert(string instance = Instance)
    {
        var run = TestRuns.Create();
        (run.Status, run.Attempt, run.LeaseOwner, run.LeaseInstance) = (RunStatuses.Running, 3, Worker.GetLeaseOwner(WorkerId), instance);
        run.LeaseExpiresAt = TestRuns.Noon.AddSeconds(30);
        Assert.True(await _store.Store.TryInsert(run, default));
        return run;
    }

    private sealed class RecordingSender : IClaimSender
    {
        public List<(string RunId, int Attempt)> Released { get; } = [];

        public Task<Result<RunSnapshot>> Claim(ClaimRequest request, string runId, ClaimPool pool) => throw new NotSupportedException();

        public Task ReleaseUnclaimed(string tenant, string runId, int attempt, Actor actor, string traceId)
        {
            Released.Add((runId, attempt));
            return Task.CompletedTask;
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication()
        {
        }
    }
}
