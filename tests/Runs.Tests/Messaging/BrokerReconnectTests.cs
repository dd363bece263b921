using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Runs.Tests.Messaging;

/// <summary>The delay before the bus reconnects.</summary>
public sealed class BrokerReconnectTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Queue<bool> _results = new();
    private int _polls;

    [Fact]
    public async Task The_first_attempt_is_immediate()
    {
        await Reconnect().WaitForBroker();

        Assert.Equal(0, _polls);
    }

    [Fact]
    public async Task Later_attempts_start_as_soon_as_the_broker_is_reachable()
    {
        var reconnect = Reconnect();
        await reconnect.WaitForBroker();
        _results.Enqueue(false);
        _results.Enqueue(false);
        _results.Enqueue(true);

        var waiting = reconnect.WaitForBroker();

        for (var poll = 1; poll < 3; poll++)
        {
            await Eventually.Holds(() => Task.FromResult(_polls == poll));
            Assert.False(waiting.IsCompleted);
            _clock.Advance(BrokerReconnectDelay.PollingInterval);
        }

        await waiting.WaitAsync(Eventually.Timeout);
        Assert.Equal(3, _polls);
    }

    [Fact]
    public async Task An_unreachable_broker_is_retried_after_the_maximum_delay()
    {
        var reconnect = Reconnect();
        await reconnect.WaitForBroker();

        var waiting = reconnect.WaitForBroker();
        var polls = (int)(BrokerReconnectDelay.MaxDelay / BrokerReconnectDelay.PollingInterval);
        for (var poll = 1; poll <= polls; poll++)
        {
            await Eventually.Holds(() => Task.FromResult(_polls == poll));
            Assert.False(waiting.IsCompleted);
            _clock.Advance(BrokerReconnectDelay.PollingInterval);
        }

        await waiting.WaitAsync(Eventually.Timeout);
    }

    [Fact]
    public async Task Shutdown_ends_the_delay()
    {
        var reconnect = Reconnect();
        await reconnect.WaitForBroker();
        var waiting = reconnect.WaitForBroker();

        await _stopping.CancelAsync();

        await waiting.WaitAsync(Eventually.Timeout);
    }

    public void Dispose() => _stopping.Dispose();

    private BrokerReconnectDelay Reconnect() => new(
        _ =>
        {
            _polls++;
            return Task.FromResult(_results.TryDequeue(out var isReachable) && isReachable);
        },
        _clock, NullLogger.Instance, _stopping.Token);
}
