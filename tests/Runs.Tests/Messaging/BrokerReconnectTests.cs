using Microsoft.Extensions.Time.Testing;
using Runs.Server.Messaging;

namespace Runs.Tests.Messaging;

/// <summary>When the bus tries to connect again.</summary>
public sealed class BrokerReconnectTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Queue<bool> _answers = new();
    private int _asked;

    [Fact]
    public async Task The_first_attempt_waits_for_nothing()
    {
        await Reconnect().Wait();

        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task Later_attempts_begin_as_soon_as_the_broker_answers()
    {
        var reconnect = Reconnect();
        await reconnect.Wait();
        _answers.Enqueue(false);
        _answers.Enqueue(false);
        _answers.Enqueue(true);

        var waiting = reconnect.Wait();

        for (var asked = 1; asked < 3; asked++)
        {
            await Eventually.Holds(() => Task.FromResult(_asked == asked));
            Assert.False(waiting.IsCompleted);
            _clock.Advance(BrokerReconnect.Interval);
        }

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(3, _asked);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_is_tried_in_the_end()
    {
        var reconnect = Reconnect();
        await reconnect.Wait();

        var waiting = reconnect.Wait();
        var looks = (int)(BrokerReconnect.Limit / BrokerReconnect.Interval);
        for (var asked = 1; asked <= looks; asked++)
        {
            await Eventually.Holds(() => Task.FromResult(_asked == asked));
            Assert.False(waiting.IsCompleted);
            _clock.Advance(BrokerReconnect.Interval);
        }

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_process_that_ends_does_not_wait()
    {
        var reconnect = Reconnect();
        await reconnect.Wait();
        var waiting = reconnect.Wait();

        await _stopping.CancelAsync();

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public void Dispose() => _stopping.Dispose();

    private BrokerReconnect Reconnect() => new(
        _ =>
        {
            _asked++;
            return Task.FromResult(_answers.TryDequeue(out var answer) && answer);
        },
        _clock, _stopping.Token);
}
