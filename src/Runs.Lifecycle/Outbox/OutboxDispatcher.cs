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
/// Publishes outbox messages right after the write that added them, and sweeps for messages that a crash orphaned. A
/// message is cleared from the outbox only after the broker has confirmed it, so it is published at least once, with
/// the same message id each time (<see cref="OutboxClearer"/>). Cascade messages of a run tree go to
/// <see cref="CascadeWorkers"/>, so that no tree delays the publishing of messages.
/// </summary>
internal sealed partial class OutboxDispatcher(
    IRunStore store, IBus bus, CascadeQueue cascadeQueue, WorkReadyPublisher workReady, TimeProvider clock,
    IOptions<LifecycleOptions> options, OutboxMetrics metrics, ILogger<OutboxDispatcher> logger) : BackgroundService, IOutboxDispatcher
{
    private const int BatchSize = 256;

    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, Type> PublishedTypes =
        MessageTypes.Events.ToDictionary(type => type.Name);

    private readonly RecentlyPublishedMessages _recentlyPublished = new(16 * 1024);

    // A full queue means that the broker is slow or unavailable. Dropped entries are found in the store later.
    private readonly Channel<Run> _queue = Channel.CreateBounded<Run>(
        new BoundedChannelOptions(8 * 1024) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly LogLimiter _unknownTypeLimiter = new(1, TimeSpan.FromMinutes(1), clock);
    private readonly OutboxClearer _clearer = new(store, clock, options.Value.OutboxMinimumAge, logger);

    /// <summary>Enqueues <paramref name="run"/>, which was just saved with messages to publish. Never waits.</summary>
    public void Enqueue(Run run)
    {
        _queue.Writer.TryWrite(run);
        workReady.Enqueue(run);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(DispatchQueued(stoppingToken), _clearer.Run(stoppingToken), DispatchOrphaned(stoppingToken));

    private async Task DispatchQueued(CancellationToken stopping)
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stopping))
            {
                var batch = new List<Outbox>();
                while (batch.Count < BatchSize && _queue.Reader.TryRead(out var run))
                {
                    batch.Add(new Outbox(run, run.Outbox.FindAll(IsOwn)));
                }

                await PublishQueued(batch, stopping);
            }
        }
        finally
        {
            _clearer.Complete();
        }
    }

    // Other messages of the run are dispatched by the process that added them, which clears them a little later.
    private bool IsOwn(OutboxMessage message) => message.Message is not null || _recentlyPublished.Contains(message.MessageId);

    private async Task PublishQueued(List<Outbox> outboxes, CancellationToken stopping)
    {
        try
        {
            foreach (var messages in await PublishOutboxes(outboxes, stopping))
            {
                _clearer.Enqueue(messages);
            }
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            LogStoreCallFailed(exception); // the messages are published again later, with the same ids
        }
    }

    private async Task DispatchOrphaned(CancellationToken stopping)
    {
        var history = new OrphanDetector(clock, options.Value.OutboxMinimumAge);
        using var timer = new PeriodicTimer(options.Value.OutboxPollingInterval, clock);
        do
        {
            try
            {
                await Sweep(history, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                LogStoreCallFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    private async Task Sweep(OrphanDetector history, CancellationToken stopping)
    {
        history.BeginSweep();
        var pages = StorePages.Read<RunWithOutbox>(BatchSize, after => store.ListWithOutbox(after, BatchSize, stopping));
        await foreach (var page in pages)
        {
            var remaining = page.Where(run => history.IsOrphaned(run.Id, run.Version)).Select(run => run.Id).ToHashSet();

            // ReadOutboxes returns a part of the runs when the outboxes are large.
            while (remaining.Count > 0 && await store.ReadOutboxes(remaining, stopping) is { Count: > 0 } runs)
            {
                await Dispatch(runs, stopping);
                remaining.ExceptWith(runs.Select(run => run.Id));
            }
        }

        history.CompleteSweep();
    }

    /// <summary>
    /// Publishes the outboxes of <paramref name="runs"/>, reports those that are ready, and clears the confirmed
    /// messages. Failed messages stay in the outbox.
    /// </summary>
    public async Task Dispatch(IReadOnlyList<Run> runs, CancellationToken stopping)
    {
        foreach (var run in runs)
        {
            workReady.Enqueue(run);
        }

        try
        {
            await Clear(await PublishOutboxes([.. runs.Select(run => new Outbox(run, run.Outbox))], stopping), stopping);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            LogStoreCallFailed(exception); // the messages are published again later, with the same ids
        }
    }

    private Task Clear(IReadOnlyList<DispatchedMessages> dispatched, CancellationToken cancellationToken) =>
        dispatched.Count == 0 ? Task.CompletedTask : store.ClearOutbox(dispatched, cancellationToken);

    /// <returns>The messages that need no longer be in the outboxes.</returns>
    private async Task<IReadOnlyList<DispatchedMessages>> PublishOutboxes(List<Outbox> outboxes, CancellationToken stopping)
    {
        var completedChecks = await EnqueueCascades(outboxes, stopping);
        var published = await Task.WhenAll(outboxes.Select(outbox => PublishOutbox(outbox, stopping)));
        return [.. published.Concat(completedChecks).Where(messages => messages.MessageIds.Count > 0)];
    }

    /// <summary>Enqueues the cascade messages of the runs for <see cref="CascadeWorkers"/>.</summary>
    /// <returns>
    /// The ancestor checks that need no cascade: the parent is active, so there is no cancellation to propagate.
    /// </returns>
    private async Task<IReadOnlyList<DispatchedMessages>> EnqueueCascades(List<Outbox> outboxes, CancellationToken stopping)
    {
        var checks = new List<(Run Run, Guid MessageId, CheckAncestors Check, Guid ParentId)>();
        foreach (var (run, messages) in outboxes)
        {
            foreach (var message in messages)
            {
                if (message.Type == nameof(CancelDescendants))
                {
                    cascadeQueue.Enqueue(new CancellationCascade(run.Tenant, run.RunId, null, message.MessageId));
                }
                else if (message.Type == nameof(CheckAncestors))
                {
                    var check = (CheckAncestors)Deserialize(message, typeof(CheckAncestors));
                    checks.Add((run, message.MessageId, check, RunIds.ForRun(check.Tenant, check.ParentRunId)));
                }
            }
        }

        if (checks.Count == 0)
        {
            return [];
        }

        var statuses = await store.GetStatuses([.. checks.Select(check => check.ParentId).Distinct()], stopping);
        var completed = new List<DispatchedMessages>();
        foreach (var (run, messageId, check, parentId) in checks)
        {
            if (statuses.TryGetValue(parentId, out var status) && RunStatuses.IsTerminal(status))
            {
                cascadeQueue.Enqueue(new CancellationCascade(check.Tenant, check.RunId, check.ParentRunId, messageId));
            }
            else
            {
                completed.Add(new DispatchedMessages(run.Id, [messageId]));
            }
        }

        return completed;
    }

    /// <returns>The confirmed messages.</returns>
    private async Task<DispatchedMessages> PublishOutbox(Outbox outbox, CancellationToken stopping)
    {
        var published = new List<Guid>();
        string? sending = null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(PublishTimeout);
        try
        {
            foreach (var message in outbox.Messages.Where(message => !IsCascade(message)))
            {
                if (!PublishedTypes.ContainsKey(message.Type))
                {
                    ReportUnknownType(outbox.Run, message);
                    continue;
                }

                if (!_recentlyPublished.Contains(message.MessageId))
                {
                    sending = message.Type;
                    await Publish(message, deadline.Token);
                    _recentlyPublished.Add(message.MessageId);
                }

                published.Add(message.MessageId);
            }
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            metrics.RecordFailed(sending!);
            LogPublishFailed(exception, outbox.Run.RunId);
        }

        return new DispatchedMessages(outbox.Run.Id, published);
    }

    private static bool IsCascade(OutboxMessage message) => message.Type is nameof(CancelDescendants) or nameof(CheckAncestors);

    // A later release has stored it, and a process of that release sends it. Until then it stays in the outbox.
    private void ReportUnknownType(Run run, OutboxMessage message)
    {
        metrics.RecordUnknownType();
        if (_unknownTypeLimiter.TryAcquire())
        {
            LogUnknownType(run.RunId, run.Tenant, message.Type);
        }
    }

    private async Task Publish(OutboxMessage message, CancellationToken cancellationToken)
    {
        var type = PublishedTypes[message.Type];
        var published = Deserialize(message, type);
        var routingKey = OfferRoutingKey.Get(published);
        var properties = Pipe.Execute<PublishContext>(context =>
        {
            context.MessageId = message.MessageId;
            if (routingKey is not null)
            {
                context.SetRoutingKey(routingKey);
            }
        });
        await bus.Publish(published, type, properties, cancellationToken);
        metrics.RecordSent(published);
    }

    private static object Deserialize(OutboxMessage message, Type type) =>
        message.Message ?? JsonSerializer.Deserialize(message.Body.Text, type)!;

    private readonly record struct Outbox(Run Run, IReadOnlyList<OutboxMessage> Messages);

    [LoggerMessage(LogLevel.Warning, "A store call of the outbox dispatcher failed; will retry")]
    private partial void LogStoreCallFailed(Exception exception);

    [LoggerMessage(
        LogLevel.Warning,
        "The outbox of run {RunId} of tenant {Tenant} has a message of the type {Type}, which this release does not know. "
        + "A process of a later release must send it")]
    private partial void LogUnknownType(string runId, string tenant, string type);

    [LoggerMessage(LogLevel.Warning, "Failed to publish messages of run {RunId}; will retry")]
    private partial void LogPublishFailed(Exception exception, string runId);
}
