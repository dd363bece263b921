using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Runs.Store;
using Runs.Tests.Security;
using Runs.Tests.Stores;

namespace Runs.Tests.Http;

/// <summary>What is recorded in the background when workers call.</summary>
public sealed class WorkerActivityTests : IAsyncLifetime, IDisposable
{
    private readonly FakeTimeProvider _clock = new(TestRuns.Noon);
    private readonly FakeWorkerStore _store = new();
    private readonly RecordingLogger<WorkerActivity> _logger = new();
    private readonly WorkerActivity _activity;

    public WorkerActivityTests()
    {
        var cache = new WorkerCache(new WorkerLookup(_store), Options.Create(new AuthOptions()), _clock);
        _activity = new WorkerActivity(_store, new WorkerWriter(_store, cache), _clock, _logger);
    }

    public Task InitializeAsync() => _activity.StartAsync(default);

    public Task DisposeAsync() => _activity.StopAsync(default);

    public void Dispose() => _activity.Dispose();

    [Fact]
    public async Task The_heartbeats_of_a_second_are_one_statement()
    {
        var workers = Enumerable.Range(0, 1_000).Select(_ => Guid.CreateVersion7()).ToList();
        foreach (var worker in workers.Concat(workers))
        {
            _activity.RecordHeartbeat(worker);
        }

        await AdvanceUntil(() => !_store.Heartbeats.IsEmpty);

        var (ids, time) = Assert.Single(_store.Heartbeats);
        Assert.Equal(workers.Order(), ids.Order());
        Assert.Equal(_clock.GetUtcNow(), time);
    }

    [Fact]
    public async Task A_heartbeat_is_recorded_once_in_30_seconds()
    {
        var worker = Guid.CreateVersion7();
        await AdvanceUntil(() =>
        {
            _activity.RecordHeartbeat(worker);
            return _store.Heartbeats.Count == 3;
        });

        var times = _store.Heartbeats.Select(heartbeat => heartbeat.Time).ToList();
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_failed_write_is_logged_and_the_next_heartbeat_is_recorded()
    {
        _store.IsUnavailable = true;
        _activity.RecordHeartbeat(Guid.CreateVersion7());
        await AdvanceUntil(() => _logger.Entries.Count > 0);

        _store.IsUnavailable = false;
        var worker = Guid.CreateVersion7();
        _activity.RecordHeartbeat(worker);
        await AdvanceUntil(() => !_store.Heartbeats.IsEmpty);

        Assert.Equal([worker], Assert.Single(_store.Heartbeats).Ids);
        var (level, _, cause) = Assert.Single(_logger.Entries);
        Assert.Equal(LogLevel.Warning, level);
        Assert.IsType<StoreUnavailableException>(cause);
    }

    [Fact]
    public async Task A_use_of_a_token_is_recorded_also_after_a_conflict()
    {
        var worker = FakeWorkerStore.CreateWorker(Guid.CreateVersion7(), TestRuns.Noon.AddHours(-1), "used", "unused");
        _store.Put(worker);
        _store.ConflictsLeft = 2;

        _activity.RecordTokenUse(worker.Id, worker.Tokens[0]);
        await AdvanceUntil(() => Find().Version == 2);

        Assert.Equal(TestRuns.Noon, Find().Tokens[0].LastUsedAt);
        Assert.Equal(TestRuns.Noon.AddDays(30), Find().Tokens[0].ExpiresAt);
        Assert.Equal(worker.Tokens[1], Find().Tokens[1]);

        Worker Find() => _store.Find(worker.Id, default).GetAwaiter().GetResult()!;
    }

    // The timer begins after the service has started.
    private Task AdvanceUntil(Func<bool> condition) => Eventually.Holds(() =>
    {
        if (condition())
        {
            return Task.FromResult(true);
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        return Task.FromResult(false);
    });
}
