using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Store.Sqlite;
using Runs.Tests.Stores;

namespace Runs.Tests.Observability;

/// <summary>Ready runs that no worker claims are logged.</summary>
public sealed class ReadyPoolMonitorTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("runs-pools-");
    private readonly FakeTimeProvider _clock = new(TestRuns.Noon);
    private readonly FakeLogger<ReadyPoolMonitor> _log = new();
    private readonly TestMeterFactory _meters = new();
    private SqliteDatabase _database = null!;
    private SqliteRunStore _store = null!;

    private List<string> Messages => [.. _log.Collector.GetSnapshot().Select(entry => entry.Message)];

    public Task InitializeAsync()
    {
        _database = new SqliteDatabase(Path.Combine(_directory.FullName, "runs.db"));
        _store = new SqliteRunStore(_database);
        return _store.Initialize(default);
    }

    public Task DisposeAsync()
    {
        _meters.Dispose();
        _database.Dispose();
        _directory.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_run_that_stays_the_first_of_its_pool_for_a_minute_is_logged_every_minute()
    {
        var run = await InsertReady("task:a");
        using var measurements = new Measurements(_meters);
        using var monitor = Create();

        await Check(monitor);
        measurements.Observe();
        Assert.Empty(Messages);
        await Check(monitor, times: 2);
        measurements.Observe();

        var expected = new[] { 60, 120 }.Select(seconds =>
            $"Run {run.RunId} of tenant dev is the next of pool {run.ClaimPool}, and no worker has claimed it for {seconds} s");
        Assert.Equal(expected, Messages);
        Assert.All(_log.Collector.GetSnapshot(), entry => Assert.Equal(LogLevel.Warning, entry.Level));
        Assert.Equal([0, 1], measurements.Get("runs.pools.waiting"));
    }

    [Fact]
    public async Task A_pool_whose_first_run_has_changed_is_not_logged()
    {
        var (run, waiting) = (await InsertReady("task:a"), await InsertReady("task:b"));
        using var monitor = Create();
        await Check(monitor);

        // Claimed and ready again: the same run is another candidate.
        var retried = run.NextVersion(next => next.ClaimRank = TestRuns.Noon.AddMinutes(1));
        Assert.True(await _store.TryReplace(retried, RunVersion.From(run), default));
        await Check(monitor);

        Assert.Contains(waiting.RunId, Assert.Single(Messages), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pools_beyond_200_are_checked_a_minute_later()
    {
        for (var i = 0; i < 250; i++)
        {
            await InsertReady($"task:{i:D3}");
        }

        using var measurements = new Measurements(_meters);
        using var monitor = Create();
        await Check(monitor, times: 3);
        Assert.Equal(200, Messages.Count);

        await Check(monitor);
        measurements.Observe();

        Assert.Equal(250, Messages.Distinct().Count());
        Assert.Equal([250], measurements.Get("runs.pools.waiting"));
    }

    private ReadyPoolMonitor Create() => new(_store, _meters, _clock, _log);

    private async Task Check(ReadyPoolMonitor monitor, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            await monitor.Check(default);
            _clock.Advance(ReadyPoolMonitor.Interval);
        }
    }

    private async Task<Run> InsertReady(string target)
    {
        var run = TestRuns.Create();
        (run.Kind, run.ProjectId, run.Target) = (RunKinds.Task, "p", target);
        (run.ClaimRank, run.ClaimPool, run.ClaimKindPool) = (TestRuns.Noon, ClaimPools.GetPool(run), ClaimPools.GetKindPool(run));
        await _store.TryInsert(run, default);
        return run;
    }
}
