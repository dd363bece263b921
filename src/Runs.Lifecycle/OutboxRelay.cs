using System.Text.Json;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Sends what the runs' outboxes hold: at once after the write that recorded it, and again when a crash left it behind. A message leaves the
/// outbox only when the broker has confirmed it, so it is sent at least once, with the same message id each time.
/// </summary>
internal sealed partial class OutboxRelay(
    IRunStore store, IBus bus, TreeCancellation tree, TimeProvider clock, IOptions<LifecycleOptions> options, ILogger<OutboxRelay> logger) : BackgroundService
{
    private const int BatchSize = 256;

    private static readonly Dictionary<string, Type> Types =
        new[] { typeof(RunReserved), typeof(RunAccepted), typeof(RunStarted), typeof(RunWaiting), typeof(RunResumed), typeof(RunFinished) }
            .ToDictionary(type => type.Name);

    private readonly ConfirmedMessages _confirmed = new(16 * 1024);

    // Full means that the broker is slow or away: what does not fit is found in the store later.
    private readonly Channel<Run> _offered = Channel.CreateBounded<Run>(
        new BoundedChannelOptions(8 * 1024) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Tells the relay that <paramref name="run"/> was just written with messages to send. Never waits.</summary>
    public void Offer(Run run) => _offered.Writer.TryWrite(run);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(RelayOffered(stoppingToken), RelayLeftBehind(stoppingToken));

    private async Task RelayOffered(CancellationToken stopping)
    {
        var batch = new Dictionary<Guid, Run>(BatchSize);
        while (await _offered.Reader.WaitToReadAsync(stopping))
        {
            batch.Clear();
            while (batch.Count < BatchSize && _offered.Reader.TryRead(out var run))
            {
                // What was written last holds whatever was not cleared by then.
                if (!batch.TryGetValue(run.Id, out var other) || other.Version < run.Version)
                {
                    batch[run.Id] = run;
                }
            }

            await Relay([.. batch.Values], stopping);
        }
    }

    private async Task RelayLeftBehind(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(options.Value.RelayInterval, clock);
        do
        {
            try
            {
                IReadOnlyList<Run> left;
                do
                {
                    left = await store.WithOutbox(clock.GetUtcNow() - options.Value.RelayAge, BatchSize, stopping);
                }
                while (await Relay(left, stopping) == BatchSize);
            }
            catch (Exception trouble) when (!stopping.IsCancellationRequested)
            {
                LogStoreAway(trouble.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    /// <summary>Sends the outboxes of <paramref name="runs"/> and clears what was confirmed. What fails stays where it is.</summary>
    /// <returns>How many runs have nothing left to send.</returns>
    private async Task<int> Relay(IReadOnlyList<Run> runs, CancellationToken stopping)
    {
        var sent = (await Task.WhenAll(runs.Select(run => Send(run, stopping)))).OfType<SentMessages>().ToList();
        try
        {
            if (sent.Count > 0)
            {
                await store.ClearOutbox(sent, stopping);
            }
        }
        catch (Exception trouble) when (!stopping.IsCancellationRequested)
        {
            LogStoreAway(trouble.Message); // they are sent again later, under the same ids
            return 0;
        }

        return sent.Count;
    }

    private async Task<SentMessages?> Send(Run run, CancellationToken stopping)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            foreach (var message in run.Outbox.Where(message => !_confirmed.Contains(message.MessageId)))
            {
                await Send(message, deadline.Token);
                _confirmed.Add(message.MessageId);
            }

            return new SentMessages(run.Id, [.. run.Outbox.Select(message => message.MessageId)]);
        }
        catch (Exception trouble) when (!stopping.IsCancellationRequested)
        {
            LogSendFailed(run.RunId, trouble.Message);
            return null;
        }
    }

    private Task Send(OutboxMessage message, CancellationToken cancellationToken)
    {
        if (message.Type == nameof(CancelDescendants))
        {
            return tree.Cancel(JsonSerializer.Deserialize<CancelDescendants>(message.Body.Text)!, cancellationToken);
        }

        var type = Types[message.Type];
        return bus.Publish(
            message.Message ?? JsonSerializer.Deserialize(message.Body.Text, type)!, type,
            Pipe.Execute<PublishContext>(context => context.MessageId = message.MessageId), cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "The store did not carry out the relay's call; it is tried again: {Trouble}")]
    private partial void LogStoreAway(string trouble);

    [LoggerMessage(LogLevel.Warning, "Messages of run {RunId} could not be sent; the relay tries again: {Trouble}")]
    private partial void LogSendFailed(string runId, string trouble);
}
