using System.Diagnostics;
using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>Looks at the consumers of the commands' queue all the time, and asks for creates as another publisher does.</summary>
internal sealed class QueueMonitor : IAsyncDisposable
{
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

    /// <summary>How often nobody consumed.</summary>
    public int Gaps { get; private set; }

    /// <summary>How often it was looked.</summary>
    public int Checks { get; private set; }

    /// <summary>The longest wait of the other publisher for an answer.</summary>
    public TimeSpan SlowestReply { get; private set; }

    public int Replies { get; private set; }

    /// <summary>Watches from when the broker counts the server's consumer: it does some seconds after the server has started.</summary>
    public static async Task<QueueMonitor> Start(ContainerApplication application)
    {
        var connection = await new ConnectionFactory { Uri = application.OperatorRabbitMq }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await Eventually.Holds(async () => (await channel.QueueDeclarePassiveAsync(Queue)).ConsumerCount > 0);
        return new QueueMonitor(connection, await RawAmqpClient.Connect(application.RabbitMq));
    }

    /// <summary>Ends the watch, and fails when the commands of others were ever disturbed.</summary>
    public async Task StopAndAssertUndisturbed(TimeSpan slowest)
    {
        await Eventually.Holds(() => Task.FromResult(Checks >= 20 && Replies >= 3));
        await _stop.CancelAsync();
        await Task.WhenAll(_consumers, _creates);
        Assert.True(Gaps == 0, $"nobody consumed in {Gaps} of {Checks} looks, the last time in look {_lastGap}");
        Assert.True(SlowestReply < slowest, $"another publisher waited {SlowestReply}");
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
            var answer = await _caller.Request("runs.create-run", RawAmqpClient.CreateRun(TestRequests.NewId()), TimeSpan.FromMinutes(2));
            Assert.Equal("RunSnapshot", answer.Properties.Type);
            SlowestReply = watch.Elapsed > SlowestReply ? watch.Elapsed : SlowestReply;
            Replies++;
            await timer.WaitForNextTickAsync();
        }
    }
}
