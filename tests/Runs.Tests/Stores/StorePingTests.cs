using Microsoft.Extensions.Time.Testing;

namespace Runs.Tests.Stores;

/// <summary>Health checks ping the store at most once a second.</summary>
public sealed class StorePingTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly InterceptedStore _store = InterceptedStore.Wrap(null);
    private readonly StorePing _ping;

    public StorePingTests() => _ping = new StorePing(_store.Store, _clock);

    [Fact]
    public async Task Concurrent_calls_and_calls_within_a_second_share_one_ping()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => _ping.Ping(default))));
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        await _ping.Ping(default);
        Assert.Equal(1, _store.Calls);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await _ping.Ping(default);
        Assert.Equal(2, _store.Calls);
    }

    [Fact]
    public async Task A_failed_ping_is_cached_for_a_second()
    {
        _store.Failure = new InvalidOperationException("away");
        await Assert.ThrowsAsync<InvalidOperationException>(() => _ping.Ping(default));
        _store.Failure = null;

        await Assert.ThrowsAsync<InvalidOperationException>(() => _ping.Ping(default));
        _clock.Advance(TimeSpan.FromSeconds(1));

        await _ping.Ping(default);
        Assert.Equal(2, _store.Calls);
    }

    [Fact]
    public async Task A_pending_ping_is_not_repeated_until_its_timeout()
    {
        _store.HoldsCalls = true;
        var calls = Enumerable.Range(0, 10).Select(_ => _ping.Ping(default)).ToList();
        await Eventually.Holds(() => Task.FromResult(_store.Calls == 1));
        _clock.Advance(TimeSpan.FromSeconds(2));
        calls.Add(_ping.Ping(default));
        Assert.Equal(1, _store.Calls);

        _clock.Advance(TimeSpan.FromSeconds(1));

        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        _store.HoldsCalls = false;
        await _ping.Ping(default);
        Assert.Equal(2, _store.Calls);
    }

    [Fact]
    public async Task A_cancelled_caller_does_not_cancel_the_shared_ping()
    {
        _store.HoldsCalls = true;
        using var cancellation = new CancellationTokenSource();
        var (first, second) = (_ping.Ping(cancellation.Token), _ping.Ping(default));
        await Eventually.Holds(() => Task.FromResult(_store.Calls == 1));

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _store.Release();
        await second;
        Assert.Equal(1, _store.Calls);
    }
}
