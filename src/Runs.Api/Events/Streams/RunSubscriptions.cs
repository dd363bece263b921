using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// Notifies this process's subscribers of run changes. Each run has one shared reader for all its subscribers. Changes
/// are detected by the appends of this process, by the notifications of other processes, and, because a notification
/// may be lost, by polling the versions of all subscribed runs every second
/// (<see cref="ApiOptions.ChangePollingInterval"/>). A poll costs one round trip for each thousand runs.
/// </summary>
internal sealed partial class RunSubscriptions(
    IRunStore store,
    RunChangePublisher publisher,
    TimeProvider clock,
    IOptions<ApiOptions> options,
    ILogger<RunSubscriptions> logger) : BackgroundService
{
    private const int MaxVersionsPerRead = 1000;

    private readonly ConcurrentDictionary<Guid, RunSubscription> _subscriptions = new();
    private readonly EventBufferMemory _memory = new();

    /// <summary>Subscribes to a run. Null when the run does not exist. Dispose of the subscriber when done.</summary>
    public async Task<RunSubscription.Subscriber?> Subscribe(Guid id, CancellationToken cancellationToken)
    {
        while (true)
        {
            var subscription = _subscriptions.GetOrAdd(id, key => new RunSubscription(key, store, _memory, Remove));
            if (subscription.TrySubscribe() is { } subscriber)
            {
                try
                {
                    await subscription.Refresh().WaitAsync(cancellationToken);
                    if (subscription.Exists)
                    {
                        return subscriber;
                    }
                }
                catch
                {
                    subscriber.Dispose();
                    throw;
                }

                subscriber.Dispose();
                return null;
            }
        }
    }

    /// <summary>
    /// Notifies the subscribers of this and every other process that events were appended to the log of
    /// <paramref name="run"/>. Never waits.
    /// </summary>
    public void NotifyAppended(Run run)
    {
        NotifyChanged(run.Id);
        publisher.Enqueue(run.Id);
    }

    /// <summary>Refreshes the subscription of a run that may have changed.</summary>
    public void NotifyChanged(Guid id)
    {
        if (_subscriptions.TryGetValue(id, out var subscription))
        {
            _ = Refresh(subscription);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ChangePollingInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var batch in _subscriptions.Values.Chunk(MaxVersionsPerRead))
            {
                await PollVersions(batch, stoppingToken);
            }
        }
    }

    private async Task PollVersions(RunSubscription[] subscriptions, CancellationToken stoppingToken)
    {
        try
        {
            var versions = await store.GetVersions([.. subscriptions.Select(run => run.Id)], stoppingToken);
            var stale = subscriptions.Where(run => versions.TryGetValue(run.Id, out var version) && run.IsStale(version));
            await Task.WhenAll(stale.Select(Refresh));
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogRefreshFailed(exception);
        }
    }

    private async Task Refresh(RunSubscription subscription)
    {
        try
        {
            await subscription.Refresh();
        }
        catch (Exception exception)
        {
            LogRefreshFailed(exception); // the next poll finds the change
        }
    }

    private void Remove(RunSubscription subscription) => _subscriptions.TryRemove(KeyValuePair.Create(subscription.Id, subscription));

    [LoggerMessage(LogLevel.Warning, "Failed to read subscribed runs; will retry")]
    private partial void LogRefreshFailed(Exception exception);
}
