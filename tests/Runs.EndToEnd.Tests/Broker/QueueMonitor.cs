using System.Diagnostics;
using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// Checks continuously that the command queue has a consumer and that another publisher gets replies.
/// </summary>
internal sealed class QueueMonitor : IAsyncDisposable
{
    /// <summary>
    /// A command that waits longer is stuck. A closed connection is detected by the missing consumer.
    /// </summary>
    public static readonly TimeSpan MaxReplyTime = TimeSpan.FromSeconds(20);

    // The median does not depend on a single stall of a machine that runs other tests, too.
    private static readonly TimeSpan MaxMedianReplyTime = TimeSpan.FromSeconds(1);

    private const string Queue = "runs-lifecycle";

    private readonly CancellationTokenSource _stop = new();
    private readonly IConnection _connection;
    private readonly RawAmqpClient _caller;
    private readonly Task _consumers;
    private readonly Task _creates;
    private readonly List<TimeSpan> _replyTimes = [];
    private volatile int _replies;
    private int _lastGap;

    private QueueMonitor(IConnection connection, RawAmqpClient caller)
    {
        (_connection, _caller) = (connection, caller);
        _consumers = Task.Run(CheckConsumers);
        _creates = Task.Run(SendCreates);
    }

    /// <summary>The number of checks that found no consumer.</summary>
    public int Gaps { get; private set; }

    /// <summary>The number of checks.</summary>
    public int Checks { get; private set; }

    /// <summary>
    /// Starts when the broker counts the consumer of the server, some seconds after the start of the server, and after
    /// a first reply, which is slow in a new process.
    /// </summary>
    public static async Task<QueueMonitor> Start(ContainerApplication application)
    {
        var connection = await new ConnectionFactory { Uri = application.OperatorRabbitMq }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await Eventually.Holds(async () => (await channel.QueueDeclarePassiveAsync(Queue)).ConsumerCount > 0);
        var caller = await RawAmqpClient.Connect(application.RabbitMq);
        await SendCreate(caller);
        return new QueueMonitor(connection, caller);
    }

    /// <summary>Stops, and fails if the queue was without a consumer or a reply took too long.</summary>
    public async Task StopAndAssertUndisturbed()
    {
        await Eventually.Holds(() => Task.FromResult(Checks >= 20 && _replies >= 5));
        await _stop.CancelAsync();
        await Task.WhenAll(_consumers, _creates);
        Assert.True(Gaps == 0, $"{Gaps} of {Checks} checks found no consumer, the last one in check {_lastGap}.");
        var times = _replyTimes.Order().ToList();
        Assert.True(times[^1] < MaxReplyTime, $"Another publisher waited {times[^1]}.");
        Assert.True(times[times.Count / 2] < MaxMedianReplyTime, $"Another publisher waited {times[times.Count / 2]} at the median.");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_consumers, _creates).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _caller.DisposeAsync();
        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    private async Task CheckConsumers()
    {
        await using var channel = await _connection.CreateChannelAsync();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!_stop.IsCancellationRequested)
        {
            Checks++;
            if ((await channel.QueueDeclarePassiveAsync(Queue)).ConsumerCount == 0)
            {
                Gaps++;
                _lastGap = Checks;
            }

            await timer.WaitForNextTickAsync();
        }
    }

    private async Task SendCreates()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!_stop.IsCancellationRequested)
        {
            var watch = Stopwatch.StartNew();
            await SendCreate(_caller);
            _replyTimes.Add(watch.Elapsed);
            _replies++;
            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task SendCreate(RawAmqpClient caller)
    {
        var reply = await caller.Request("runs.create-run", RawAmqpClient.CreateRun(TestRequests.NewId()), TimeSpan.FromMinutes(2));
        Assert.Equal("RunSnapshot", reply.Properties.Type);
    }
}
