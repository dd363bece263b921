using System.Runtime.ExceptionServices;
using MassTransit.Mediator;
using Microsoft.Extensions.Logging;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Sends <see cref="RunDue"/> to the state machine for runs whose due time has passed, in this process and without the
/// broker.
/// </summary>
/// <remarks>
/// Several processes may do this at the same time: the state machine checks the run again, and the versioned write lets
/// only one of them succeed. For the others, the run costs one read.
/// </remarks>
internal sealed partial class DueRunProcessor : IAsyncDisposable
{
    // Concurrent runs share the round trips of the store: 64 become ready at 1.2 times the rate of 32.
    private const int MaxConcurrentRuns = 64;

    /// <summary>The number of runs of one round, which delays the runs of other tenants.</summary>
    public const int MaxRunsPerRound = PageSize / 4;

    // Much more than a round, so that processes that read the same page select different runs.
    private const int PageSize = 1_000;

    private readonly DueReader<DueRun> _reader;
    private readonly RecentFailures<(Guid Id, DateTimeOffset DueAt)> _failures;
    private readonly PagedOutboxDispatcher _outboxDispatcher;
    private readonly IMediator _mediator;
    private readonly LogLimiter _logLimiter;
    private readonly ILogger _logger;

    public DueRunProcessor(
        IRunStore store, RunSagaMediatorFactory mediators, OutboxDispatcher outboxDispatcher, TimeProvider clock,
        ILogger<DueRunProcessor> logger)
    {
        _reader = new DueReader<DueRun>(
            run => run.Tenant,
            (excludedTenants, after, stopping) => store.ListDue(clock.GetUtcNow(), after, excludedTenants, PageSize, stopping),
            PageSize,
            clock);
        _failures = new RecentFailures<(Guid, DateTimeOffset)>(clock);
        _outboxDispatcher = new PagedOutboxDispatcher(outboxDispatcher, maxConcurrentPages: 1);
        _mediator = mediators.Create(_outboxDispatcher);
        _logLimiter = new LogLimiter(10, TimeSpan.FromSeconds(1), clock);
        _logger = logger;
    }

    /// <summary>Processes some of the runs that are due, the same number of each tenant.</summary>
    /// <returns>Whether more runs may be due.</returns>
    /// <exception cref="StoreUnavailableException">The store is unavailable. The runs stay due.</exception>
    public async Task<bool> ProcessRound(CancellationToken stopping)
    {
        var (due, hasMore) = await _reader.Read(IsExcluded, stopping);
        var runs = TenantShares.Select(due, run => run.Tenant, MaxRunsPerRound);
        StoreUnavailableException? outage = null;
        try
        {
            await Parallel.ForEachAsync(
                runs,
                new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentRuns, CancellationToken = stopping },
                async (run, cancellationToken) =>
                {
                    // No more are started; those under way are completed.
                    if (Volatile.Read(ref outage) is null && await Process(run, cancellationToken) is StoreUnavailableException exception)
                    {
                        Volatile.Write(ref outage, exception);
                    }
                });
        }
        finally
        {
            await _outboxDispatcher.CompletePage(stopping);
        }

        if (outage is not null)
        {
            ExceptionDispatchInfo.Throw(outage);
        }

        return hasMore || runs.Count < due.Count;
    }

    public async ValueTask DisposeAsync()
    {
        await ((IAsyncDisposable)_mediator).DisposeAsync();
        _outboxDispatcher.Dispose();
    }

    private bool IsExcluded(DueRun run) => _failures.Contains((run.Id, run.DueAt));

    // A run that fails does not hold up the others: it is left out for some seconds. The store may be unavailable for
    // this run only.
    private async Task<Exception?> Process(DueRun run, CancellationToken stopping)
    {
        try
        {
            await _mediator.Send(new RunDue(run.Tenant, run.RunId), stopping);
            return null;
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            _failures.Add((run.Id, run.DueAt));
            if (exception is not StoreUnavailableException && _logLimiter.TryAcquire(out var suppressed))
            {
                LogRunFailed(exception, run.RunId, run.Tenant, suppressed);
            }

            return exception;
        }
    }

    [LoggerMessage(
        LogLevel.Error,
        "Failed to process the due run {RunId} of tenant {Tenant}; will retry. {NotLogged} earlier failures were not logged")]
    private partial void LogRunFailed(Exception exception, string runId, string tenant, int notLogged);
}
