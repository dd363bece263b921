using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Runs.Tests.Messaging;

/// <summary>The watchdog stops the process only if a restart can repair the bus.</summary>
public sealed class BusWatchdogTests : IAsyncDisposable
{
    private static readonly BusHealthSnapshot Healthy = new(true, [], "Ready");
    private static readonly BusHealthSnapshot Broken = new(false, ["runs-commands"], "Degraded Endpoints: runs-commands");
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly TimerClock _clock = new();
    private readonly RejectedEndpoints _rejections;
    private readonly Lifetime _lifetime = new();
    private readonly SemaphoreSlim _checked = new(0);
    private readonly BusWatchdog _watchdog;
    private BusHealthSnapshot _health = Broken;
    private bool _isBrokerReachable = true;

    public BusWatchdogTests()
    {
        _rejections = new RejectedEndpoints(_clock);
        _watchdog = new BusWatchdog(
            ReadHealth, _ => Task.FromResult(_isBrokerReachable), _rejections, _lifetime, _clock, NullLogger<BusWatchdog>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _watchdog.StopAsync(CancellationToken.None);
        _watchdog.Dispose();
        _checked.Dispose();
        Environment.ExitCode = 0;
    }

    [Fact]
    public async Task A_bus_that_is_unhealthy_for_a_minute_stops_the_process_with_exit_code_75()
    {
        await Advance(Limit);
        Assert.False(_lifetime.IsStopping);

        await Advance(2 * BusWatchdog.CheckInterval);
        await Eventually.Holds(() => Task.FromResult(_lifetime.IsStopping));
        Assert.Equal(75, Environment.ExitCode);
    }

    [Fact]
    public async Task A_bus_that_recovers_within_a_minute_resets_the_timer()
    {
        await Advance(Limit - BusWatchdog.CheckInterval);
        _health = Healthy;
        await Advance(BusWatchdog.CheckInterval);
        _health = Broken;
        await Advance(Limit);

        Assert.False(_lifetime.IsStopping);
    }

    [Fact]
    public async Task An_unreachable_broker_never_stops_the_process()
    {
        _isBrokerReachable = false;
        await Advance(10 * Limit);

        Assert.False(_lifetime.IsStopping);
    }

    [Theory]
    [InlineData(404, "NOT_FOUND - queue 'runs-commands' in vhost '/' process is stopped by supervisor")]
    [InlineData(403, "ACCESS_REFUSED - access to queue 'runs-commands' in vhost '/' refused")]
    [InlineData(405, "RESOURCE_LOCKED - cannot obtain exclusive access")]
    [InlineData(406, "PRECONDITION_FAILED - inequivalent arg 'x-queue-type'")]
    [InlineData(541, "INTERNAL_ERROR")]
    public async Task An_endpoint_rejected_by_the_broker_never_stops_the_process(ushort code, string text)
    {
        for (var i = 0; i < 20; i++)
        {
            await Fault("runs-commands", new RabbitMqConnectionException("ReceiveTransport faulted", new OperationInterruptedException(
                new ShutdownEventArgs(ShutdownInitiator.Peer, code, text))));
            await Advance(Limit / 2);
        }

        Assert.False(_lifetime.IsStopping);
    }

    [Fact]
    public async Task A_stuck_endpoint_stops_the_process_also_beside_a_rejected_one()
    {
        _health = new BusHealthSnapshot(false, ["runs-commands", "runs-lifecycle"], "Degraded");
        await Fault("runs-commands", new OperationInterruptedException(new ShutdownEventArgs(ShutdownInitiator.Peer, 404, "NOT_FOUND")));
        await Advance(Limit);
        await Advance(2 * BusWatchdog.CheckInterval);

        await Eventually.Holds(() => Task.FromResult(_lifetime.IsStopping));
    }

    [Fact]
    public async Task An_endpoint_that_stopped_retrying_after_a_rejection_stops_the_process()
    {
        await Fault("runs-commands", new OperationInterruptedException(new ShutdownEventArgs(ShutdownInitiator.Peer, 404, "NOT_FOUND")));
        await Advance(3 * Limit);

        await Eventually.Holds(() => Task.FromResult(_lifetime.IsStopping));
    }

    private BusHealthSnapshot ReadHealth()
    {
        _checked.Release();
        return _health;
    }

    private Task Fault(string endpoint, Exception exception) =>
        _rejections.Faulted(new FaultedEvent(new Uri($"rabbitmq://broker/{endpoint}"), exception));

    // Advances in steps of the check interval, and waits for the check of each step.
    private async Task Advance(TimeSpan time)
    {
        if (_watchdog.ExecuteTask is null)
        {
            await _watchdog.StartAsync(CancellationToken.None);
            await _clock.TimerCreated.WaitAsync(Eventually.Timeout); // the timer does not count time before
        }

        for (var passed = TimeSpan.Zero; passed < time && !_lifetime.IsStopping; passed += BusWatchdog.CheckInterval)
        {
            _clock.Advance(BusWatchdog.CheckInterval);
            var check = _checked.WaitAsync(Eventually.Timeout);
            Assert.True(await Task.WhenAny(check, _watchdog.ExecuteTask!) != check || await check, "The watchdog did not check the bus.");
        }
    }

    /// <summary>Signals that the watchdog has created its timer.</summary>
    private sealed class TimerClock : FakeTimeProvider
    {
        private readonly TaskCompletionSource _timerCreated = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task TimerCreated => _timerCreated.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _timerCreated.TrySetResult();
            return timer;
        }
    }

    private sealed record FaultedEvent(Uri InputAddress, Exception? Exception) : ReceiveEndpointFaulted
    {
        public IReceiveEndpoint ReceiveEndpoint => null!;
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public bool IsStopping { get; private set; }

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => IsStopping = true;
    }
}
