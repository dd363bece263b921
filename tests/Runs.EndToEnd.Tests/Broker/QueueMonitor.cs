using System.Diagnostics;
using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// Checks continuously that the command queue has a consumer and that another publisher gets replies.
/// </summary>
internal sealed class QueueMonitor : IAsyncDisposable
{
    public static readonly TimeSpan MaxReplyTime = TimeSpan.FromSeconds(5);

    private const string Queue = "runs-lifecycle";

    private readonly CancellationTokenSource _stop = new();
    private readonly IConnection _connection;
    private readonly RawAmqpClient _caller;
    private readonly Task _consumers;
    private readonly Task _creates;
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

    /// <summary>The longest time until the other publisher got a reply.</summary>
    public TimeSpan SlowestReply { get; private set; }

    public int Replies { get; private set; }

    /// <summary>
    /// Starts when the broker counts the consumer of the server, some seconds after the start of the server.
    /// </summary>
    public static async Task<QueueMonitor> Start(ContainerApplication application)
    {
        var connection = await new ConnectionFactory { Uri = application.OperatorRabbitMq }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await Eventually.Holds(async () => (await channel.QueueDeclarePassiveAsync(Queue)).ConsumerCount > 0);
        return new QueueMonitor(connection, await RawAmqpClient.Connect(application.RabbitMq));
    }

    /// <summary>Stops, and fails if the queue was without a consumer or a reply took too long.</summary>
    public async Task StopAndAssertUndisturbed()
    {
        await Eventually.Holds(() => Task.FromResult(Checks >= 20 && Replies >= 3));
        await _stop.CancelAsync();
        await Task.WhenAll(_consumers, _creates);
        Assert.True(Gaps == 0, $"{Gaps} of {Checks} checks found no consumer, the last one in check {_lastGap}.");
        Assert.True(SlowestReply < MaxReplyTime, $"Another publisher waited {SlowestReply}.");
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
            var reply = await _caller.Request("runs.create-run", RawAmqpClient.CreateRun(TestRequests.NewId()), TimeSpan.FromMinutes(2));
            Assert.Equal("RunSnapshot", reply.Properties.Type);
            SlowestReply = watch.Elapsed > SlowestReply ? watch.Elapsed : SlowestReply;
            Replies++;
            await timer.WaitForNextTickAsync();
        }
    }
}
