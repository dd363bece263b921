using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using MassTransit;
using MassTransit.Mediator;
using MassTransit.Saga;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Processes the steps of cascades. A step lists the children of runs that have ended, cancels the active ones, and
/// continues with their children. The same state machine decides, in this process and without the broker.
/// </summary>
/// <remarks>
/// No run stays active below a cancelled run. The children of a run are listed after the run has ended, and a child is
/// stored before its ancestors are checked again (<see cref="CheckAncestors"/>): either the list contains the child, or
/// the child's check finds the cancelled ancestor.
/// </remarks>
internal sealed class CascadeProcessor : IOutboxDispatcher, IDisposable
{
    /// <summary>The number of steps that may run at the same time.</summary>
    public const int MaxConcurrentSteps = 2;

    private const int MaxConcurrentCancelsPerStep = 16;

    private readonly IRunStore _store;
    private readonly OutboxDispatcher _outboxDispatcher;
    private readonly IMediator _mediator;
    private readonly ConcurrentQueue<Run> _cancelledRuns = new();
    private readonly SemaphoreSlim _dispatchSlots = new(MaxConcurrentSteps);
    private readonly TokenBucketRateLimiter _rateLimiter;
    private readonly int _pageSize;

    public CascadeProcessor(
        IRunStore store, CascadeQueue queue, OutboxDispatcher outboxDispatcher, TimeProvider clock, IOptions<LifecycleOptions> options,
        PublisherAudit audit, RunMetrics metrics, ILogger<RunStateMachine> logger)
    {
        (_store, _outboxDispatcher) = (store, outboxDispatcher);
        var perSecond = options.Value.MaxCascadedCancelsPerSecond;
        _rateLimiter = CascadeRate.CreateLimiter(perSecond, maxWaiting: MaxConcurrentSteps * MaxConcurrentCancelsPerStep);
        _pageSize = CascadeRate.GetPageSize(perSecond);
        var sagaContexts = new SagaConsumeContextFactory<IRunStore, RunSaga>();
        var repository = new SagaRepository<RunSaga>(new RunSagaRepositoryContextFactory(
            store, this, queue, clock, options, sagaContexts, audit, metrics, logger, isCascaded: true));
        _mediator = MassTransit.Bus.Factory.CreateMediator(mediator => mediator.StateMachineSaga(new RunStateMachine(), repository));
    }

    /// <summary>
    /// Enqueues a run that was just cancelled. Its messages are published with those of the other runs of its page.
    /// </summary>
    public void Enqueue(Run run) => _cancelledRuns.Enqueue(run);

    public void Dispose()
    {
        _dispatchSlots.Dispose();
        _rateLimiter.Dispose();
    }

    /// <summary>Processes the next step of <paramref name="cascade"/>.</summary>
    /// <returns>Whether the cascade is finished.</returns>
    public async Task<bool> ProcessStep(CancellationCascade cascade, CancellationToken stopping)
    {
        if (cascade.UncheckedParentRunId is { } parentRunId)
        {
            var parent = await _store.FindWithoutPayload(RunIds.ForRun(cascade.Tenant, parentRunId), stopping);
            if (!await _store.IsInCancelledTree(parent, stopping))
            {
                await ClearOutboxMessage(cascade, stopping);
                return true;
            }

            await CancelRuns(cascade.Tenant, ReadActiveDescendants(cascade, [cascade.RunId], [], stopping), stopping);
            cascade.MarkParentChecked();
        }

        if (cascade.NextPage is not var (parents, after))
        {
            await ClearOutboxMessage(cascade, stopping);
            return true;
        }

        var children = await _store.ListChildren(cascade.Tenant, parents, after, _pageSize, stopping);
        var found = new List<string>();
        await CancelRuns(cascade.Tenant, ReadActiveDescendants(cascade, SelectActive(children, except: []), found, stopping), stopping);
        cascade.Advance(children, found, isLastPage: children.Count < _pageSize);
        return false;
    }

    /// <summary>
    /// Returns <paramref name="active"/> and other active descendants until the page is full, so that a deep tree is
    /// cancelled in parallel like a wide one. Below a root, one list has the descendants of all levels; below another
    /// run they are read level by level. The children of these runs are listed again after the runs have ended; only
    /// that second listing is authoritative.
    /// </summary>
    /// <param name="cascade">The cascade.</param>
    /// <param name="active">The runs to start with.</param>
    /// <param name="found">Receives every run that is returned.</param>
    /// <param name="stopping">Stops the enumeration.</param>
    private async IAsyncEnumerable<string> ReadActiveDescendants(
        CancellationCascade cascade, List<string> active, List<string> found, [EnumeratorCancellation] CancellationToken stopping)
    {
        for (var next = active; next.Count > 0;)
        {
            found.AddRange(next);
            foreach (var runId in next)
            {
                yield return runId;
            }

            if (found.Count >= _pageSize)
            {
                yield break;
            }

            next = await ReadAhead(cascade, next, found, _pageSize - found.Count, stopping);
        }
    }

    private async Task<List<string>> ReadAhead(
        CancellationCascade cascade, List<string> parents, List<string> found, int limit, CancellationToken stopping)
    {
        while (!cascade.IsTreeReadAhead)
        {
            var page = await _store.ListActiveDescendants(cascade.Tenant, cascade.RunId, cascade.LastReadAhead, limit, stopping);
            cascade.MarkReadAhead(page, isLastPage: page.Count < limit);
            if (SelectActive(page, except: found) is { Count: > 0 } descendants)
            {
                return descendants;
            }
        }

        return SelectActive(await _store.ListChildren(cascade.Tenant, parents, null, limit, stopping), except: found);
    }

    private static List<string> SelectActive(IReadOnlyList<ChildRun> runs, List<string> except) =>
        [.. runs.Where(run => !RunStatuses.IsTerminal(run.Status)).Select(run => run.RunId).Except(except)];

    private async Task CancelRuns(string tenant, IAsyncEnumerable<string> runIds, CancellationToken stopping)
    {
        try
        {
            await Parallel.ForEachAsync(
                runIds,
                new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentCancelsPerStep, CancellationToken = stopping },
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

    private async Task ClearOutboxMessage(CancellationCascade cascade, CancellationToken stopping)
    {
        if (cascade.OutboxMessageId is { } messageId)
        {
            await _store.ClearOutbox([new DispatchedMessages(cascade.CorrelationId, [messageId])], stopping);
        }
    }
}
