using Microsoft.Extensions.Time.Testing;
using Runs.Store;
using Runs.Store.Mongo;

namespace Runs.Tests.Stores;

/// <summary>What waits to be archived is bounded, and appends wait for room.</summary>
public sealed class ArchiveQueueTests
{
    private const int MaxBytes = 10_000;

    private readonly FakeTimeProvider _clock = new();
    private readonly ArchiveQueue _queue;

    public ArchiveQueueTests() => _queue = new ArchiveQueue(_clock, MaxBytes);

    [Fact]
    public void A_run_waits_once_with_its_latest_events()
    {
        var run = Holding(events: 1);
        _queue.Add(run);
        _queue.Add(Holding(events: 3, run));
        _queue.Add(Holding(events: 2, run)); // overtaken

        var batch = _queue.Take(10, long.MaxValue);

        Assert.Equal(3, Assert.Single(batch.Runs).RecentEvents.Count);
        _queue.Release(batch);
        Assert.Equal(0, _queue.Bytes);
    }

    [Fact]
    public void What_waits_and_what_is_being_archived_never_passes_the_limit_by_more_than_one_run()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _queue.Add(Holding(events: 2, tenant: $"tenant-{i}"));
            Assert.InRange(_queue.Bytes, 0, MaxBytes + 1_000);
        }

        _queue.Take(5, long.MaxValue);
        _queue.Add(Holding(events: 2));

        Assert.InRange(_queue.Bytes, MaxBytes, MaxBytes + 1_000);
    }

    [Fact]
    public async Task An_append_waits_until_there_is_room()
    {
        Fill("dev");

        var room = _queue.WaitForRoom("dev", default);
        Assert.False(room.IsCompleted);
        _queue.Release(_queue.Take(100, long.MaxValue));

        await room.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task An_append_fails_as_overloaded_when_there_is_no_room_in_time()
    {
        Fill("dev");

        var room = _queue.WaitForRoom("dev", default);
        _clock.Advance(TimeSpan.FromSeconds(5));

        var full = await Assert.ThrowsAsync<StoreUnavailableException>(() => room.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.True(full is { NothingWritten: true, IsArchiveFull: true });
    }

    [Fact]
    public void A_tenant_that_waits_for_room_does_not_make_another_wait()
    {
        Fill("dev");

        Assert.False(_queue.WaitForRoom("dev", default).IsCompleted);
        Assert.True(_queue.WaitForRoom("other", default).IsCompletedSuccessfully);
    }

    [Fact]
    public void A_batch_is_bounded_by_its_bytes()
    {
        Fill("dev");

        Assert.InRange(_queue.Take(100, 1_000).Runs.Count, 1, 4);
    }

    [Fact]
    public async Task The_archive_waits_for_events()
    {
        var waiting = _queue.WaitForEvents(default);
        Assert.False(waiting.IsCompleted);

        _queue.Add(Holding(events: 1));

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private void Fill(string tenant)
    {
        while (_queue.WaitForRoom(tenant, default).IsCompletedSuccessfully)
        {
            _queue.Add(Holding(events: 2, tenant: tenant));
        }
    }

    private static Run Holding(int events, Run? same = null, string tenant = "dev")
    {
        var run = StoredRun.New();
        return new Run
        {
            Id = same?.Id ?? run.Id,
            Tenant = tenant,
            RunId = run.RunId,
            LatestEventId = events,
            RecentEvents = [.. Enumerable.Range(1, events).Select(id => StoredRun.Event(id))],
        };
    }
}
