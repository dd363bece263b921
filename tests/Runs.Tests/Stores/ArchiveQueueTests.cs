using Microsoft.Extensions.Time.Testing;
using Runs.Store;
using Runs.Store.Mongo;

namespace Runs.Tests.Stores;

/// <summary>The memory of queued events is limited, and appends wait for capacity.</summary>
public sealed class ArchiveQueueTests
{
    private const int MaxBytes = 10_000;

    private readonly FakeTimeProvider _clock = new();
    private readonly ArchiveQueue _queue;

    public ArchiveQueueTests() => _queue = new ArchiveQueue(_clock, MaxBytes);

    [Fact]
    public void A_queued_run_is_replaced_by_its_latest_version()
    {
        var run = RunWithEvents(events: 1);
        _queue.Add(run);
        _queue.Add(RunWithEvents(events: 3, run));
        _queue.Add(RunWithEvents(events: 2, run)); // overtaken

        var batch = _queue.Take(10, long.MaxValue);

        Assert.Equal(3, Assert.Single(batch.Runs).EmbeddedEvents.Count);
        _queue.Release(batch);
        Assert.Equal(0, _queue.UsedBytes);
    }

    [Fact]
    public void Queued_and_archiving_bytes_exceed_the_limit_by_at_most_one_run()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _queue.Add(RunWithEvents(events: 2, tenant: $"tenant-{i}"));
            Assert.InRange(_queue.UsedBytes, 0, MaxBytes + 1_000);
        }

        _queue.Take(5, long.MaxValue);
        _queue.Add(RunWithEvents(events: 2));

        Assert.InRange(_queue.UsedBytes, MaxBytes, MaxBytes + 1_000);
    }

    [Fact]
    public async Task An_append_waits_for_queue_capacity()
    {
        Fill("dev");

        var waiting = _queue.WaitForCapacity("dev", default);
        Assert.False(waiting.IsCompleted);
        _queue.Release(_queue.Take(100, long.MaxValue));

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task An_append_fails_as_overloaded_when_queue_capacity_times_out()
    {
        Fill("dev");

        var waiting = _queue.WaitForCapacity("dev", default);
        _clock.Advance(TimeSpan.FromSeconds(5));

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.True(exception is { NothingWritten: true, IsArchiveFull: true });
    }

    [Fact]
    public void A_tenant_without_queue_capacity_does_not_block_other_tenants()
    {
        Fill("dev");

        Assert.False(_queue.WaitForCapacity("dev", default).IsCompleted);
        Assert.True(_queue.WaitForCapacity("other", default).IsCompletedSuccessfully);
    }

    [Fact]
    public void A_batch_is_limited_by_its_size()
    {
        Fill("dev");

        Assert.InRange(_queue.Take(100, 1_000).Runs.Count, 1, 4);
    }

    [Fact]
    public async Task The_archive_waits_for_events()
    {
        var waiting = _queue.WaitForEvents(default);
        Assert.False(waiting.IsCompleted);

        _queue.Add(RunWithEvents(events: 1));

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private void Fill(string tenant)
    {
        while (_queue.WaitForCapacity(tenant, default).IsCompletedSuccessfully)
        {
            _queue.Add(RunWithEvents(events: 2, tenant: tenant));
        }
    }

    private static Run RunWithEvents(int events, Run? same = null, string tenant = "dev")
    {
        var run = TestRuns.Create();
        return new Run
        {
            Id = same?.Id ?? run.Id,
            Tenant = tenant,
            RunId = run.RunId,
            LatestEventId = events,
            EmbeddedEvents = [.. Enumerable.Range(1, events).Select(id => TestRuns.CreateEvent(id))],
        };
    }
}
