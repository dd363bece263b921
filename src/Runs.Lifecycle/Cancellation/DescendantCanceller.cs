using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using MassTransit;
using MassTransit.Mediator;
using MassTransit.Saga;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Cancels run trees, separately from the publishing of messages: a few workers take turns with the trees of all
/// tenants. A worker lists the children of runs that have ended, cancels the active ones, and continues with their
/// children. The same state machine decides, in this process and without the broker.
/// </summary>
/// <remarks>
/// No run stays active below a cancelled run. The children of a run are listed after the run has ended, and a child is
/// stored before its ancestors are checked again (<see cref="CheckAncestors"/>): either the list contains the child, or
/// the child's check finds the cancelled ancestor.
/// </remarks>
internal sealed partial class DescendantCanceller : BackgroundService, IOutboxDispatcher
{
    private const int WorkerCount = 2;
    private const int MaxPageSize = 100;
    private const int MaxConcurrentCancels = 16; // for each worker

    private readonly IRunStore _store;
    private readonly CascadeQueue _queue;
    private readonly OutboxDispatcher _outboxDispatcher;
    private readonly ILogger<DescendantCanceller> _logger;
    private readonly IMediator _mediator;
    private readonly ConcurrentQueue<Run> _cancelledRuns = new();
    private readonly SemaphoreSlim _dispatchSlots = new(WorkerCount);
    private readonly TokenBucketRateLimiter _rateLimiter;
    private readonly int _pageSize;

    public DescendantCanceller(
        IRunStore store, CascadeQueue queue, OutboxDispatcher outboxDispatcher, TimeProvider clock, IOptions<LifecycleOptions> options, PublisherAudit audit,
        ILogger<DescendantCanceller> logger, ILogger<RunStateMachine> sagaLogger)
    {
        (_store, _queue, _outboxDispatcher, _logger) = (store, queue, outboxDispatcher, logger);
        _rateLimiter = CreateRateLimiter(options.Value.MaxCascadedCancelsPerSecond);
        _pageSize = PageSizeFor(options.Value.MaxCascadedCancelsPerSecond);
        var repository = new SagaRepository<RunSaga>(new RunSagaRepositoryContextFactory(
            store, this, queue, clock, options, new SagaConsumeContextFactory<IRunStore, RunSaga>(), audit, sagaLogger, isCascaded: true));
        _mediator = MassTransit.Bus.Factory.CreateMediator(mediator => mediator.StateMachineSaga(new RunStateMachine(), repository));
    }

    /// <summary>
    /// Enqueues a run that was just cancelled. Its messages are published with those of the other runs of its page.
    /// </summary>
    public void Enqueue(Run run) => _cancelledRuns.Enqueue(run);

    public override void Dispose()
    {
        base.Dispose();
        _dispatchSlots.Dispose();
        _rateLimiter.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, WorkerCount).Select(_ => Task.Run(() => ProcessQueue(stoppingToken), stoppingToken)));

    private async Task ProcessQueue(CancellationToken stopping)
    {
        await foreach (var cascade in _queue.ReadAll(stopping))
        {
            var isFinished = true;
            try
            {
                isFinished = await ProcessStep(cascade, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                LogCancellationFailed(exception, cascade.Tenant, cascade.RunId); // the outbox sweep enqueues it again
            }

            _queue.CompleteStep(cascade, isFinished);
        }
    }

    /// <returns>Whether the cascade is finished.</returns>
    private async Task<bool> ProcessStep(CancellationCascade cascade, CancellationToken stopping)
    {
        if (cascade.UncheckedParentRunId is { } parent)
        {
            if (!await _store.IsInCancelledTree(await _store.FindWithoutPayload(RunIds.ForRun(cascade.Tenant, parent), stopping), stopping))
            {
                return await ClearOutboxMessage(cascade, stopping);
            }

            await CancelRuns(cascade.Tenant, ReadActiveDescendants(cascade.Tenant, [cascade.RunId], [], stopping), stopping);
            cascade.MarkParentChecked();
        }

        if (cascade.NextPage is not var (parents, after))
        {
            return await ClearOutboxMessage(cascade, stopping);
        }

        var children = await _store.ListChildren(cascade.Tenant, parents, after, _pageSize, stopping);
        var found = new List<string>();
        await CancelRuns(cascade.Tenant, ReadActiveDescendants(cascade.Tenant, SelectActive(children), found, stopping), stopping);
        cascade.Advance(children, found, isLastPage: children.Count < _pageSize);
        return false;
    }

    /// <summary>
    /// Returns <paramref name="active"/> and their active descendants until the page is full, so that a deep tree is
    /// cancelled in parallel like a wide one, while the lower levels are still being read. The descendants are listed
    /// again after these runs have ended; only that second listing is authoritative.
    /// </summary>
    /// <param name="tenant">The tenant of the tree.</param>
    /// <param name="active">The runs to start with.</param>
    /// <param name="found">Receives every run that is returned.</param>
    /// <param name="stopping">Stops the enumeration.</param>
    private async IAsyncEnumerable<string> ReadActiveDescendants(string tenant, List<string> active, List<string> found, [EnumeratorCancellation] CancellationToken stopping)
    {
        for (var level = active; level.Count > 0;)
        {
            found.AddRange(level);
            foreach (var runId in level)
            {
                yield return runId;
            }

            if (found.Count >= _pageSize)
            {
                yield break;
            }

            level = SelectActive(await _store.ListChildren(tenant, level, null, _pageSize - found.Count, stopping));
        }
    }

    private static List<string> SelectActive(IReadOnlyList<ChildRun> runs) =>
        [.. runs.Where(run => !RunStatuses.IsTerminal(run.Status)).Select(run => run.RunId)];

    private async Task CancelRuns(string tenant, IAsyncEnumerable<string> runIds, CancellationToken stopping)
    {
        try
        {
            await Parallel.ForEachAsync(
                runIds,
                new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentCancels, CancellationToken = stopping },
                async (runId, cancellationToken) =>
                {
                    using var lease = await _rateLimiter.AcquireAsync(1, cancellationToken);
                    await _mediator.Send(new CancelRun { Tenant = tenant, RunId = runId }, cancellationToken);
                });
        }
        finally
        {
            var cancelled = new List<Run>();
            while (_cancelledRuns.TryDequeue(out var run))
            {
                cancelled.Add(run);
            }

            if (cancelled.Count > 0)
            {
                await _dispatchSlots.WaitAsync(stopping);
                _ = DispatchOutboxes(cancelled, stopping);
            }
        }
    }

    // Not awaited: the outboxes are dispatched while the next page is processed.
    private async Task DispatchOutboxes(List<Run> cancelledRuns, CancellationToken stopping)
    {
        try
        {
            await _outboxDispatcher.Dispatch(cancelledRuns, stopping);
        }
        finally
        {
            _dispatchSlots.Release();
        }
    }

    /// <summary>
    /// Creates the rate limiter; each cancel takes one token. Tokens are added at most ten times a second, so that the
    /// cancels are spread over the second.
    /// </summary>
    internal static TokenBucketRateLimiter CreateRateLimiter(int perSecond)
    {
        var tokens = Math.Max(1, perSecond / 10);
        return new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = tokens,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / perSecond),
            QueueLimit = WorkerCount * MaxConcurrentCancels, // all cancels that can wait at the same time
        });
    }

    /// <summary>
    /// How many runs are cancelled before their messages are published: as many as a tenth of a second allows. A burst
    /// of messages would delay the commands and streams of all tenants.
    /// </summary>
    internal static int PageSizeFor(int perSecond) => Math.Clamp(perSecond / 10, 1, MaxPageSize);

    private async Task<bool> ClearOutboxMessage(CancellationCascade cascade, CancellationToken stopping)
    {
        if (cascade.OutboxMessageId is { } messageId)
        {
            await _store.ClearOutbox([new DispatchedMessages(cascade.CorrelationId, [messageId])], stopping);
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Failed to cancel the descendants of run {RunId} of tenant {Tenant}; will retry")]
    private partial void LogCancellationFailed(Exception exception, string tenant, string runId);
}
