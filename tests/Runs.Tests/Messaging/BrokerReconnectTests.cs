using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Runs.Tests.Messaging;

/// <summary>When the bus tries to connect again.</summary>
public sealed class BrokerReconnectTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Queue<bool> _answers = new();
    private int _asked;

    [Fact]
    public async Task The_first_attempt_is_immediate()
    {
        await Reconnect().WaitForBroker();

        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task Later_attempts_start_as_soon_as_the_broker_is_reachable()
    {
        var reconnect = Reconnect();
        await reconnect.WaitForBroker();
        _answers.Enqueue(false);
        _answers.Enqueue(false);
        _answers.Enqueue(true);

        var waiting = reconnect.WaitForBroker();

        for (var asked = 1; asked < 3; asked++)
        {
            await Eventually.Holds(() => Task.FromResult(_asked == asked));
            Assert.False(waiting.IsCompleted);
            _clock.Advance(BrokerReconnectDelay.PollingInterval);
        }

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(3, _asked);
    }

    [Fact]
    public async Task An_unreachable_broker_is_retried_after_the_maximum_delay()
    {
        var reconnect = Reconnect();
        await reconnect.WaitForBroker();

        var waiting = reconnect.WaitForBroker();
        var looks = (int)(BrokerReconnectDelay.MaxDelay / BrokerReconnectDelay.PollingInterval);
        for (var asked = 1; asked <= looks; asked++)
        {
            await Eventually.Holds(() => Task.FromResult(_asked == asked));
            Assert.False(waiting.IsCompleted);
            _clock.Advance(BrokerReconnectDelay.PollingInterval);
        }

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Shutdown_ends_the_delay()
    {
        var reconnect = Reconnect();
        await reconnect.WaitForBroker();
        var waiting = reconnect.WaitForBroker();

        await _stopping.CancelAsync();

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public void Dispose() => _stopping.Dispose();

    private BrokerReconnectDelay Reconnect() => new(
        _ =>
        {
            _asked++;
            return Task.FromResult(_answers.TryDequeue(out var answer) && answer);
        },
        _clock, NullLogger.Instance, _stopping.Token);
}
