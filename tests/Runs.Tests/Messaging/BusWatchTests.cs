using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Runs.Server;
using Runs.Server.Messaging;

namespace Runs.Tests.Messaging;

/// <summary>When the watchdog ends the process: when a restart mends the bus, and never otherwise.</summary>
public sealed class BusWatchTests : IAsyncDisposable
{
    private static readonly BusCondition Healthy = new(true, [], "Ready");
    private static readonly BusCondition Broken = new(false, ["runs-commands"], "Degraded Endpoints: runs-commands");
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly EndpointRefusals _refusals;
    private readonly Lifetime _lifetime = new();
    private readonly SemaphoreSlim _looked = new(0);
    private readonly BusWatch _watch;
    private BusCondition _condition = Broken;
    private bool _brokerAnswers = true;

    public BusWatchTests()
    {
        _refusals = new EndpointRefusals(_clock);
        _watch = new BusWatch(Look, _ => Task.FromResult(_brokerAnswers), _refusals, _lifetime, _clock, NullLogger<BusWatch>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.StopAsync(CancellationToken.None);
        _watch.Dispose();
        _looked.Dispose();
        Environment.ExitCode = 0;
    }

    [Fact]
    public async Task A_bus_that_stays_broken_for_a_minute_ends_the_process_with_exit_code_75()
    {
        await Pass(Limit);
        Assert.False(_lifetime.IsStopping);

        await Pass(2 * BusWatch.Interval);
        await Eventually.Holds(() => Task.FromResult(_lifetime.IsStopping));
        Assert.Equal(75, Environment.ExitCode);
    }

    [Fact]
    public async Task A_bus_that_recovers_within_the_minute_starts_it_again()
    {
        await Pass(Limit - BusWatch.Interval);
        _condition = Healthy;
        await Pass(BusWatch.Interval);
        _condition = Broken;
        await Pass(Limit);

        Assert.False(_lifetime.IsStopping);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_never_ends_the_process()
    {
        _brokerAnswers = false;
        await Pass(10 * Limit);

        Assert.False(_lifetime.IsStopping);
    }

    [Theory]
    [InlineData(404, "NOT_FOUND - queue 'runs-commands' in vhost '/' process is stopped by supervisor")]
    [InlineData(403, "ACCESS_REFUSED - access to queue 'runs-commands' in vhost '/' refused")]
    [InlineData(405, "RESOURCE_LOCKED - cannot obtain exclusive access")]
    [InlineData(406, "PRECONDITION_FAILED - inequivalent arg 'x-queue-type'")]
    [InlineData(541, "INTERNAL_ERROR")]
    public async Task An_endpoint_that_the_broker_refuses_never_ends_the_process(ushort code, string text)
    {
        for (var i = 0; i < 20; i++)
        {
            await Fault("runs-commands", new RabbitMqConnectionException("ReceiveTransport faulted", new OperationInterruptedException(
                new ShutdownEventArgs(ShutdownInitiator.Peer, code, text))));
            await Pass(Limit / 2);
        }

        Assert.False(_lifetime.IsStopping);
    }

    [Fact]
    public async Task An_endpoint_that_is_stuck_beside_a_refused_one_ends_the_process()
    {
        _condition = new BusCondition(false, ["runs-commands", "runs-lifecycle"], "Degraded");
        await Fault("runs-commands", new OperationInterruptedException(new ShutdownEventArgs(ShutdownInitiator.Peer, 404, "NOT_FOUND")));
        await Pass(Limit);
        await Pass(2 * BusWatch.Interval);

        await Eventually.Holds(() => Task.FromResult(_lifetime.IsStopping));
    }

    [Fact]
    public async Task An_endpoint_that_stopped_trying_after_a_refusal_ends_the_process()
    {
        await Fault("runs-commands", new OperationInterruptedException(new ShutdownEventArgs(ShutdownInitiator.Peer, 404, "NOT_FOUND")));
        await Pass(3 * Limit);

        await Eventually.Holds(() => Task.FromResult(_lifetime.IsStopping));
    }

    private BusCondition Look()
    {
        _looked.Release();
        return _condition;
    }

    private Task Fault(string endpoint, Exception exception) => _refusals.Faulted(new Faulted(new Uri($"rabbitmq://broker/{endpoint}"), exception));

    // In steps of the watchdog, each of which it takes before the next.
    private async Task Pass(TimeSpan time)
    {
        if (_watch.ExecuteTask is null)
        {
            await _watch.StartAsync(CancellationToken.None);
        }

        for (var passed = TimeSpan.Zero; passed < time && !_lifetime.IsStopping; passed += BusWatch.Interval)
        {
            _clock.Advance(BusWatch.Interval);
            await Task.WhenAny(_looked.WaitAsync(TimeSpan.FromSeconds(10)), _watch.ExecuteTask!);
        }
    }

    private sealed record Faulted(Uri InputAddress, Exception? Exception) : ReceiveEndpointFaulted
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
