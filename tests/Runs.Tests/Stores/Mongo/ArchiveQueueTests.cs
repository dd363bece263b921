using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Runs.Api;
using Runs.Store;
using Runs.Store.Mongo;

namespace Runs.Tests.Stores;

/// <summary>The size of the events that wait for archiving is limited, and appends wait for capacity.</summary>
public sealed class ArchiveQueueTests
{
    private const int MaxBytes = 10_000;

    private readonly FakeTimeProvider _clock = new();
    private readonly ArchiveQueue _queue;

    public ArchiveQueueTests() => _queue = new ArchiveQueue(_clock, MaxBytes);

    [Fact]
    public void A_run_is_queued_once_with_the_size_of_all_its_events()
    {
        var run = TestRuns.Create();
        _queue.Add(run, Events(1, 2));
        var bytes = _queue.UsedBytes;
        _queue.Add(run, Events(1, 2));

        var batch = _queue.Take(10, long.MaxValue);

        Assert.Equal(new QueuedRun(run.Id, "dev", 2 * bytes), Assert.Single(batch));
        _queue.Release(batch);
        Assert.Equal(0, _queue.UsedBytes);
    }

    [Fact]
    public void Queued_and_archiving_bytes_exceed_the_limit_by_at_most_one_write()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _queue.Add(TestRuns.Create($"tenant-{i}"), Events(1, 2));
            Assert.InRange(_queue.UsedBytes, 0, MaxBytes + 1_000);
        }

        _queue.Take(5, long.MaxValue);
        _queue.Add(TestRuns.Create(), Events(1, 2));

        Assert.InRange(_queue.UsedBytes, MaxBytes, MaxBytes + 1_000);
    }

    [Fact]
    public async Task Concurrent_appends_reserve_their_size_before_they_are_written()
    {
        var reserved = Enumerable.Range(0, 1_000)
            .Select(i => _queue.Reserve($"tenant-{i}", Events(1, 2), default))
            .Where(reservation => reservation.IsCompleted)
            .ToList();

        Assert.InRange(reserved.Count, 10, 100);
        Assert.InRange(_queue.UsedBytes, MaxBytes, MaxBytes + 1_000);
        foreach (var reservation in reserved)
        {
            (await reservation).Dispose();
        }
    }

    [Fact]
    public async Task A_reservation_is_released_unless_the_events_are_queued()
    {
        var run = TestRuns.Create();
        (await _queue.Reserve("dev", Events(1, 2), default)).Dispose();
        Assert.Equal(0, _queue.UsedBytes);

        using (var reservation = await _queue.Reserve("dev", Events(1, 2), default))
        {
            reservation.Enqueue(run);
        }

        Assert.InRange(_queue.UsedBytes, 1, MaxBytes);
        _queue.Release(_queue.Take(run.Id));
        Assert.Equal(0, _queue.UsedBytes);
        Assert.Empty(_queue.Take(10, long.MaxValue));
    }

    [Fact]
    public async Task An_append_waits_for_queue_capacity()
    {
        await Fill("dev");

        var waiting = _queue.Reserve("dev", Events(1, 1), default);
        Assert.False(waiting.IsCompleted);
        _queue.Release(_queue.Take(100, long.MaxValue));

        await waiting.WaitAsync(Eventually.Timeout);
    }

    [Fact]
    public async Task An_append_fails_as_overloaded_when_queue_capacity_times_out()
    {
        await Fill("dev");
        await Fill("other");

        Assert.False((await TimeOut("third")).IsTenantShareUsed);
    }

    [Fact]
    public async Task An_append_of_a_tenant_that_has_used_its_share_fails_for_this_tenant_only()
    {
        await Fill("dev");

        Assert.True((await TimeOut("dev")).IsTenantShareUsed);
        Assert.True(_queue.Reserve("other", Events(1, 1), default).IsCompletedSuccessfully);
    }

    [Fact]
    public void A_tenant_share_is_the_setting_of_the_other_limits()
    {
        var settings = new ServerSettings { MongoDbConnectionString = "mongodb://127.0.0.1" };
        var services = new ServiceCollection()
            .AddSingleton<TimeProvider>(_clock)
            .AddSingleton(Options.Create(new ApiOptions { TenantShare = 0.001 }));
        MongoConnectionSettings.From(settings, isDevelopment: true)!.AddStore(services);
        using var provider = services.BuildServiceProvider();
        var queue = provider.GetRequiredService<ArchiveQueue>();

        Assert.True(queue.Reserve("dev", Events(1, 500), default).IsCompletedSuccessfully); // more than a thousandth of the limit
        Assert.False(queue.Reserve("dev", Events(1, 1), default).IsCompleted);
        Assert.True(queue.Reserve("other", Events(1, 1), default).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_batch_is_limited_by_its_size()
    {
        await Fill("dev");

        Assert.InRange(_queue.Take(100, 1_000).Count, 1, 5);
    }

    [Fact]
    public void A_run_is_due_after_some_time_or_when_it_has_many_events()
    {
        var queue = new ArchiveQueue(_clock);
        var (quiet, busy, late) = (TestRuns.Create(), TestRuns.Create(), TestRuns.Create());
        queue.Add(busy, Events(1, 100));
        queue.Add(quiet, Events(1, 1));
        Assert.Empty(queue.Take(10, long.MaxValue, TimeSpan.FromSeconds(2)));

        queue.Add(busy, Events(101, 100));
        Assert.Equal(busy.Id, Assert.Single(queue.Take(10, long.MaxValue, TimeSpan.FromSeconds(2))).Id);

        _clock.Advance(TimeSpan.FromSeconds(1));
        queue.Add(busy, Events(201, 1)); // must not hide the older one
        queue.Add(late, Events(1, 1));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([quiet.Id], queue.Take(10, long.MaxValue, TimeSpan.FromSeconds(2)).Select(entry => entry.Id));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([busy.Id, late.Id], queue.Take(10, long.MaxValue, TimeSpan.FromSeconds(2)).Select(entry => entry.Id));
    }

    [Fact]
    public void A_run_with_few_events_is_archived_although_there_are_always_runs_with_many()
    {
        var queue = new ArchiveQueue(_clock);
        var quiet = TestRuns.Create();
        queue.Add(quiet, Events(1, 1));
        var archived = new List<Guid>();
        for (var second = 0; second < 5; second++)
        {
            Enumerable.Range(0, 3).ToList().ForEach(_ => queue.Add(TestRuns.Create(), Events(1, 200)));
            archived.AddRange(queue.Take(2, long.MaxValue, TimeSpan.FromSeconds(2)).Select(run => run.Id));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(10, archived.Count);
        Assert.Equal(8, archived.IndexOf(quiet.Id));
    }

    [Fact]
    public async Task The_archive_waits_for_events()
    {
        var waiting = _queue.WaitForEvents(default);
        Assert.False(waiting.IsCompleted);

        _queue.Add(TestRuns.Create(), Events(1, 1));

        await waiting.WaitAsync(Eventually.Timeout);
    }

    private async Task<StoreUnavailableException> TimeOut(string tenant)
    {
        var waiting = _queue.Reserve(tenant, Events(1, 1), default);
        _clock.Advance(TimeSpan.FromSeconds(5));
        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => waiting.WaitAsync(Eventually.Timeout));
        Assert.True(exception is { NothingWritten: true, IsArchiveFull: true });
        return exception;
    }

    // Until the tenant has no capacity left.
    private async Task Fill(string tenant)
    {
        while (_queue.Reserve(tenant, Events(1, 2), default) is { IsCompletedSuccessfully: true } reserved)
        {
            (await reserved).Enqueue(TestRuns.Create(tenant));
        }
    }

    private static List<RunEvent> Events(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(id => TestRuns.CreateEvent(id))];
}
