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
/// outbox only when the broker has confirmed it, so it is sent at least once, with the same message id each time. What has to be done for a run's tree is handed to
/// <see cref="TreeCancellation"/>, so that no tree stands in the way of a message.
/// </summary>
internal sealed partial class OutboxRelay(
    IRunStore store, IBus bus, CascadeQueue cascades, TimeProvider clock, IOptions<LifecycleOptions> options, ILogger<OutboxRelay> logger)
    : BackgroundService, IOutboxDispatcher
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

            await Send([.. batch.Values], stopping);
        }
    }

    private async Task RelayLeftBehind(CancellationToken stopping)
    {
        var history = new SweepHistory(clock, options.Value.RelayAge);
        using var timer = new PeriodicTimer(options.Value.RelayInterval, clock);
        do
        {
            try
            {
                await Sweep(history, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                LogStoreAway(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    private async Task Sweep(SweepHistory history, CancellationToken stopping)
    {
        history.Begin();
        IReadOnlyList<UnsentRun> page = [];
        do
        {
            page = await store.Unsent(page is [.., var last] ? last : null, BatchSize, stopping);
            var remaining = page.Where(run => history.IsLeftBehind(run.Id, run.Version)).Select(run => run.Id).ToHashSet();
            while (remaining.Count > 0 && await store.WithOutbox(remaining, stopping) is { Count: > 0 } runs)
            {
                await Send(runs, stopping);
                remaining.ExceptWith(runs.Select(run => run.Id)); // WithOutbox returns a part when the outboxes are large
            }
        }
        while (page.Count == BatchSize);
        history.End();
    }

    /// <summary>Sends the outboxes of <paramref name="runs"/> and clears what was confirmed. What fails stays where it is.</summary>
    public async Task Send(IReadOnlyList<Run> runs, CancellationToken stopping)
    {
        try
        {
            var done = await HandOverDuties(runs, stopping);
            var sent = await Task.WhenAll(runs.Select(run => Send(run, stopping)));
            var clear = sent.Concat(done).Where(messages => messages.MessageIds.Count > 0).ToList();
            if (clear.Count > 0)
            {
                await store.ClearOutbox(clear, stopping);
            }
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            LogStoreAway(exception); // they are sent again later, under the same ids
        }
    }

    /// <summary>Gives what has to be done for the runs' trees to those who do it.</summary>
    /// <returns>The looks at ancestors that were not needed: the parent is active, and has nothing to hand down.</returns>
    private async Task<IReadOnlyList<SentMessages>> HandOverDuties(IReadOnlyList<Run> runs, CancellationToken stopping)
    {
        var checks = new List<(CheckAncestors Check, SentMessages Done)>();
        foreach (var run in runs)
        {
            foreach (var message in run.Outbox)
            {
                if (message.Type == nameof(CancelDescendants))
                {
                    cascades.Offer(new Cascade(run.Tenant, run.RunId, null, message.MessageId));
                }
                else if (message.Type == nameof(CheckAncestors))
                {
                    checks.Add((Read<CheckAncestors>(message), new SentMessages(run.Id, [message.MessageId])));
                }
            }
        }

        if (checks.Count == 0)
        {
            return [];
        }

        var parents = await store.Statuses([.. checks.Select(check => RunKey.Of(check.Check.Tenant, check.Check.ParentRunId)).Distinct()], stopping);
        var endedAbove = checks.ToLookup(check =>
            parents.TryGetValue(RunKey.Of(check.Check.Tenant, check.Check.ParentRunId), out var status) && RunStatuses.IsTerminal(status));
        foreach (var (check, done) in endedAbove[true])
        {
            cascades.Offer(new Cascade(check.Tenant, check.RunId, check.ParentRunId, done.MessageIds[0]));
        }

        return [.. endedAbove[false].Select(check => check.Done)];
    }

    /// <returns>What was confirmed.</returns>
    private async Task<SentMessages> Send(Run run, CancellationToken stopping)
    {
        var sent = new List<Guid>();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            foreach (var message in run.Outbox.Where(message => Types.ContainsKey(message.Type)))
            {
                if (!_confirmed.Contains(message.MessageId))
                {
                    await Publish(message, deadline.Token);
                    _confirmed.Add(message.MessageId);
                }

                sent.Add(message.MessageId);
            }
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            LogSendFailed(exception, run.RunId);
        }

        return new SentMessages(run.Id, sent);
    }

    private Task Publish(OutboxMessage message, CancellationToken cancellationToken)
    {
        var type = Types[message.Type];
        return bus.Publish(
            message.Message ?? JsonSerializer.Deserialize(message.Body.Text, type)!, type,
            Pipe.Execute<PublishContext>(context => context.MessageId = message.MessageId), cancellationToken);
    }

    private static T Read<T>(OutboxMessage message) => (T?)message.Message ?? JsonSerializer.Deserialize<T>(message.Body.Text)!;

    [LoggerMessage(LogLevel.Warning, "The store did not carry out the relay's call. It is tried again.")]
    private partial void LogStoreAway(Exception exception);

    [LoggerMessage(LogLevel.Warning, "Messages of run {RunId} could not be sent. The relay tries again.")]
    private partial void LogSendFailed(Exception exception, string runId);
}
