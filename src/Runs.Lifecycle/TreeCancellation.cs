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
/// Cancels trees, apart from everything else that is sent: a few workers take turns with the trees of all tenants. It lists the children of runs that have ended, cancels
/// those that have not, and goes on below them. The same machine decides, in this process and without the broker.
/// </summary>
/// <remarks>
/// No run stays active below a cancelled one. A run's children are listed after it has ended, and a child is stored before its ancestors are looked at again
/// (<see cref="CheckAncestors"/>): either the list has the child, or the child's look finds the end.
/// </remarks>
internal sealed partial class TreeCancellation : BackgroundService, IOutboxDispatcher
{
    private const int Workers = 2;
    private const int MaxPageSize = 100;
    private const int CancelsAtATime = 16; // for each worker

    private readonly IRunStore _store;
    private readonly CascadeQueue _queue;
    private readonly OutboxRelay _relay;
    private readonly ILogger<TreeCancellation> _logger;
    private readonly IMediator _machine;
    private readonly ConcurrentQueue<Run> _cancelled = new();
    private readonly SemaphoreSlim _sending = new(Workers);
    private readonly TokenBucketRateLimiter _rate;
    private readonly int _pageSize;

    public TreeCancellation(
        IRunStore store, CascadeQueue queue, OutboxRelay relay, TimeProvider clock, IOptions<LifecycleOptions> options, PublisherAudit audit,
        ILogger<TreeCancellation> logger, ILogger<RunStateMachine> transitions)
    {
        (_store, _queue, _relay, _logger) = (store, queue, relay, logger);
        _rate = CreateRateLimiter(options.Value.TreeCancelsPerSecond);
        _pageSize = PageSizeFor(options.Value.TreeCancelsPerSecond);
        var repository = new SagaRepository<RunState>(new RunRepositoryContextFactory(
            store, this, queue, clock, options, new SagaConsumeContextFactory<IRunStore, RunState>(), audit, transitions, isCascade: true));
        _machine = MassTransit.Bus.Factory.CreateMediator(mediator => mediator.StateMachineSaga(new RunStateMachine(), repository));
    }

    /// <summary>Takes a run that was just cancelled; its messages are sent with those of the others of its page.</summary>
    public void Offer(Run run) => _cancelled.Enqueue(run);

    public override void Dispose()
    {
        base.Dispose();
        _sending.Dispose();
        _rate.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(() => Work(stoppingToken), stoppingToken)));

    private async Task Work(CancellationToken stopping)
    {
        await foreach (var cascade in _queue.Turns(stopping))
        {
            var isOver = true;
            try
            {
                isOver = await Step(cascade, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                LogFailed(exception, cascade.Tenant, cascade.RunId); // the sweep brings it again
            }

            _queue.Return(cascade, isOver);
        }
    }

    /// <returns>Whether nothing is left to do.</returns>
    private async Task<bool> Step(Cascade cascade, CancellationToken stopping)
    {
        if (cascade.UncheckedParent is { } parent)
        {
            if (!await _store.IsCancelled(await _store.FindHead(RunKey.Of(cascade.Tenant, parent), stopping), stopping))
            {
                return await Clear(cascade, stopping);
            }

            await Cancel(cascade.Tenant, LookAhead(cascade.Tenant, [cascade.RunId], [], stopping), stopping);
            cascade.Checked();
        }

        if (cascade.Next is not var (parents, after))
        {
            return await Clear(cascade, stopping);
        }

        var children = await _store.Children(cascade.Tenant, parents, after, _pageSize, stopping);
        var found = new List<string>();
        await Cancel(cascade.Tenant, LookAhead(cascade.Tenant, Active(children), found, stopping), stopping);
        cascade.Advance(children, found, isLastPage: children.Count < _pageSize);
        return false;
    }

    /// <summary>
    /// Adds active runs from below <paramref name="active"/> until there is a page of them, so that a deep tree is cancelled in parallel as a wide one is, and while the levels
    /// below are still being read. What is below them is listed again once they have ended, which is what counts.
    /// </summary>
    /// <param name="tenant">The tenant of the tree.</param>
    /// <param name="active">The runs to begin with.</param>
    /// <param name="found">Gets every run that is returned.</param>
    /// <param name="stopping">Ends the reading.</param>
    private async IAsyncEnumerable<string> LookAhead(string tenant, List<string> active, List<string> found, [EnumeratorCancellation] CancellationToken stopping)
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

            level = Active(await _store.Children(tenant, level, null, _pageSize - found.Count, stopping));
        }
    }

    private static List<string> Active(IReadOnlyList<ChildRun> runs) =>
        [.. runs.Where(run => !RunStatuses.IsTerminal(run.Status)).Select(run => run.RunId)];

    private async Task Cancel(string tenant, IAsyncEnumerable<string> runIds, CancellationToken stopping)
    {
        try
        {
            await Parallel.ForEachAsync(
                runIds,
                new ParallelOptions { MaxDegreeOfParallelism = CancelsAtATime, CancellationToken = stopping },
                async (runId, cancellationToken) =>
                {
                    using var lease = await _rate.AcquireAsync(1, cancellationToken);
                    await _machine.Send(new CancelRun { Tenant = tenant, RunId = runId }, cancellationToken);
                });
        }
        finally
        {
            var cancelled = new List<Run>();
            while (_cancelled.TryDequeue(out var run))
            {
                cancelled.Add(run);
            }

            if (cancelled.Count > 0)
            {
                await _sending.WaitAsync(stopping);
                _ = Send(cancelled, stopping);
            }
        }
    }

    // While the next page is looked at.
    private async Task Send(List<Run> cancelled, CancellationToken stopping)
    {
        try
        {
            await _relay.Send(cancelled, stopping);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Makes the limiter that each cancel takes a token of. Tokens are added at most ten times a second, so that the cancels are spread over the second.</summary>
    internal static TokenBucketRateLimiter CreateRateLimiter(int perSecond)
    {
        var tokens = Math.Max(1, perSecond / 10);
        return new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = tokens,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / perSecond),
            QueueLimit = Workers * CancelsAtATime, // every cancel that can wait
        });
    }

    /// <summary>
    /// How many runs are cancelled before their messages are sent: as many as a tenth of a second allows. A crowd of messages at once would delay the commands and streams of all
    /// tenants.
    /// </summary>
    internal static int PageSizeFor(int perSecond) => Math.Clamp(perSecond / 10, 1, MaxPageSize);

    private async Task<bool> Clear(Cascade cascade, CancellationToken stopping)
    {
        if (cascade.Duty is { } duty)
        {
            await _store.ClearOutbox([new SentMessages(cascade.Run, [duty])], stopping);
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "The tree of run {RunId} of tenant {Tenant} could not be cancelled. It is tried again.")]
    private partial void LogFailed(Exception exception, string tenant, string runId);
}
