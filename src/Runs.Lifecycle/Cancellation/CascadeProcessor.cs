using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using MassTransit.Mediator;
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
internal sealed class CascadeProcessor : IDisposable
{
    /// <summary>The number of steps that may run at the same time.</summary>
    public const int MaxConcurrentSteps = 2;

    private const int MaxConcurrentCancelsPerStep = 16;

    // A tree may have any number of ended runs before the next active one.
    private const int MaxTreePagesPerStep = 10;

    private readonly IRunStore _store;
    private readonly PagedOutboxDispatcher _outboxDispatcher;
    private readonly IMediator _mediator;
    private readonly TokenBucketRateLimiter _rateLimiter;
    private readonly int _pageSize;

    public CascadeProcessor(
        IRunStore store, RunSagaMediatorFactory mediators, OutboxDispatcher outboxDispatcher, IOptions<LifecycleOptions> options)
    {
        _store = store;
        _outboxDispatcher = new PagedOutboxDispatcher(outboxDispatcher, MaxConcurrentSteps);
        _mediator = mediators.Create(_outboxDispatcher, isCascaded: true);
        var perSecond = options.Value.MaxCascadedCancelsPerSecond;
        _rateLimiter = CascadeRate.CreateLimiter(perSecond, maxWaiting: MaxConcurrentSteps * MaxConcurrentCancelsPerStep);
        _pageSize = CascadeRate.GetPageSize(perSecond);
    }

    public void Dispose()
    {
        _outboxDispatcher.Dispose();
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

            var run = new ChildRun(cascade.CorrelationId, cascade.RunId, parentRunId, RunStatuses.Pending, default);
            await CancelRuns(cascade.Tenant, ReadActiveDescendants(cascade, [run], [], [], stopping), stopping);
            cascade.MarkParentChecked();
        }

        if (cascade.NextPage is not var (parents, after))
        {
            await ClearOutboxMessage(cascade, stopping);
            return true;
        }

        var children = await _store.ListChildren(cascade.Tenant, parents, after, _pageSize, stopping);
        var (found, ended) = (new List<ChildRun>(), new List<ChildRun>());
        await CancelRuns(cascade.Tenant, ReadActiveDescendants(cascade, children.Where(IsActive), found, ended, stopping), stopping);
        cascade.Advance(children, [.. found, .. ended], isLastPage: children.Count < _pageSize);
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
    /// <param name="ended">Receives every run of the tree's list that has ended already.</param>
    /// <param name="stopping">Stops the enumeration.</param>
    private async IAsyncEnumerable<string> ReadActiveDescendants(
        CancellationCascade cascade,
        IEnumerable<ChildRun> active,
        List<ChildRun> found,
        List<ChildRun> ended,
        [EnumeratorCancellation] CancellationToken stopping)
    {
        var next = active.ToList();
        for (var treePages = 0; next.Count > 0 || (found.Count > 0 && !cascade.IsReadAheadComplete);)
        {
            found.AddRange(next);
            foreach (var run in next)
            {
                yield return run.RunId;
            }

            if (found.Count >= _pageSize || treePages == MaxTreePagesPerStep)
            {
                yield break;
            }

            if (cascade.IsReadAheadComplete)
            {
                next = await ReadLevel(cascade, next, found, stopping);
            }
            else
            {
                treePages++;
                next = await ReadTree(cascade, found, ended, stopping);
            }
        }
    }

    private async Task<List<ChildRun>> ReadTree(
        CancellationCascade cascade, List<ChildRun> found, List<ChildRun> ended, CancellationToken stopping)
    {
        var limit = _pageSize - found.Count;
        var page = await _store.ListDescendants(cascade.Tenant, cascade.RunId, cascade.ReadAheadCursor, _pageSize, stopping);
        var active = page.Where(IsActive).ExceptBy(found.Select(run => run.RunId), run => run.RunId).Take(limit).ToList();
        var isPageRead = active.Count < limit;
        var read = isPageRead ? page : [.. page.TakeWhile(run => run != active[^1]), active[^1]];
        ended.AddRange(read.Where(run => !IsActive(run)));
        cascade.RecordReadAhead(read.Count > 0 ? read[^1] : null, isComplete: isPageRead && page.Count < _pageSize);
        return active;
    }

    private async Task<List<ChildRun>> ReadLevel(
        CancellationCascade cascade, List<ChildRun> parents, List<ChildRun> found, CancellationToken stopping)
    {
        var parentIds = parents.ConvertAll(run => run.RunId);
        var children = await _store.ListChildren(cascade.Tenant, parentIds, null, _pageSize - found.Count, stopping);
        return [.. children.Where(IsActive).ExceptBy(found.Select(run => run.RunId), run => run.RunId)];
    }

    private static bool IsActive(ChildRun run) => !RunStatuses.IsTerminal(run.Status);

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
            await _outboxDispatcher.CompletePage(stopping);
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
