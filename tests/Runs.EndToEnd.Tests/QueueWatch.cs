using System.Diagnostics;
using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>Looks at the consumers of the commands' queue all the time, and asks for creates as another publisher does.</summary>
internal sealed class QueueWatch : IAsyncDisposable
{
    private const string Queue = "runs-lifecycle";

    private readonly CancellationTokenSource _stop = new();
    private readonly IConnection _connection;
    private readonly PlainCaller _caller;
    private readonly Task _consumers;
    private readonly Task _creates;
    private int _lastGap;

    private QueueWatch(IConnection connection, PlainCaller caller)
    {
        (_connection, _caller) = (connection, caller);
        _consumers = Task.Run(LookAtConsumers);
        _creates = Task.Run(Create);
    }

    /// <summary>How often nobody consumed.</summary>
    public int Gaps { get; private set; }

    /// <summary>How often it was looked.</summary>
    public int Looks { get; private set; }

    /// <summary>The longest wait of the other publisher for an answer.</summary>
    public TimeSpan Slowest { get; private set; }

    public int Answers { get; private set; }

    /// <summary>Watches from when the broker counts the server's consumer: it does some seconds after the server has started.</summary>
    public static async Task<QueueWatch> Start(ContainerStack stack)
    {
        var connection = await new ConnectionFactory { Uri = stack.ForOperators }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await Eventually.Holds(async () => (await channel.QueueDeclarePassiveAsync(Queue)).ConsumerCount > 0);
        return new QueueWatch(connection, await PlainCaller.Connect(stack.RabbitMq));
    }

    /// <summary>Ends the watch, and fails when the commands of others were ever disturbed.</summary>
    public async Task EndsUndisturbed(TimeSpan slowest)
    {
        await Eventually.Holds(() => Task.FromResult(Looks >= 20 && Answers >= 3));
        await _stop.CancelAsync();
        await Task.WhenAll(_consumers, _creates);
        Assert.True(Gaps == 0, $"nobody consumed in {Gaps} of {Looks} looks, the last time in look {_lastGap}");
        Assert.True(Slowest < slowest, $"another publisher waited {Slowest}");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_consumers, _creates).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _caller.DisposeAsync();
        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    private async Task LookAtConsumers()
    {
        await using var channel = await _connection.CreateChannelAsync();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!_stop.IsCancellationRequested)
        {
            Looks++;
            if ((await channel.QueueDeclarePassiveAsync(Queue)).ConsumerCount == 0)
            {
                Gaps++;
                _lastGap = Looks;
            }

            await timer.WaitForNextTickAsync();
        }
    }

    private async Task Create()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!_stop.IsCancellationRequested)
        {
            var watch = Stopwatch.StartNew();
            var answer = await _caller.Ask("runs.create-run", PlainCaller.CreateRun(Calls.NewId()), TimeSpan.FromMinutes(2));
            Assert.Equal("RunSnapshot", answer.Properties.Type);
            Slowest = watch.Elapsed > Slowest ? watch.Elapsed : Slowest;
            Answers++;
            await timer.WaitForNextTickAsync();
        }
    }
}
