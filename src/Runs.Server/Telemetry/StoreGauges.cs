using System.Diagnostics.Metrics;
using OpenTelemetry;
using Runs.Store;

namespace Runs.Server.Telemetry;

/// <summary>
/// Reports what waits in the store: unsent messages and passed due times. Every process with the lifecycle role reports
/// the same, about every 30 seconds and only while there is a listener. A value that could not be read is absent.
/// </summary>
internal sealed partial class StoreGauges : BackgroundService
{
    /// <summary>The maximum number of runs that are counted. The oldest age is that of these runs.</summary>
    public const int MaxCount = 10_000;

    private const int PageSize = 1_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OutboxGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DueGrace = TimeSpan.FromSeconds(10);

    private readonly IRunStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Instrument[] _instruments;
    private Dictionary<Guid, (long Version, long Since)> _unsent = [];
    private Values? _values;

    public StoreGauges(IRunStore store, IMeterFactory meters, TimeProvider clock, ILogger<StoreGauges> logger)
    {
        (_store, _clock, _logger) = (store, clock, logger);
        var meter = meters.GetMeter();
        _instruments =
        [
            meter.CreateObservableGauge(
                "runs.outbox.depth", () => Observe(values => values.OutboxDepth), "{run}", "Runs with messages unsent for over 5 s."),
            meter.CreateObservableGauge(
                "runs.outbox.oldest.age", () => Observe(values => values.OldestOutbox.TotalSeconds), "s", "Age of the oldest of them."),
            meter.CreateObservableGauge(
                "runs.timers.overdue", () => Observe(values => values.OverdueTimers), "{run}", "Runs due for over 10 s."),
        ];
    }

    /// <summary>Reads the store once.</summary>
    public async Task Refresh(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        var (unsent, now) = (new Dictionary<Guid, (long Version, long Since)>(), _clock.GetTimestamp());
        await foreach (var page in StorePages.Read<RunWithOutbox>(
            PageSize, after => _store.ListWithOutbox(after, PageSize, cancellationToken)))
        {
            foreach (var run in page)
            {
                var isKnown = _unsent.TryGetValue(run.Id, out var previous) && previous.Version == run.Version;
                unsent[run.Id] = isKnown ? previous : (run.Version, now);
            }

            if (unsent.Count >= MaxCount)
            {
                break;
            }
        }

        _unsent = unsent;
        var ages = unsent.Values.Select(run => _clock.GetElapsedTime(run.Since)).Where(age => age > OutboxGrace).ToList();
        _values = new Values(ages.Count, ages.DefaultIfEmpty().Max(), await CountOverdueTimers(cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(JitteredBackoff.GetDelay(0, Interval, Interval, minShare: 0.8), _clock, stoppingToken);
            if (Array.Exists(_instruments, instrument => instrument.Enabled))
            {
                await TryRefresh(stoppingToken);
            }
        }
    }

    private async Task TryRefresh(CancellationToken stopping)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(Timeout);
        try
        {
            await Refresh(deadline.Token);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            _values = null;
            LogReadFailed(exception);
        }
    }

    private async Task<int> CountOverdueTimers(CancellationToken cancellationToken)
    {
        var (count, dueBefore) = (0, _clock.GetUtcNow() - DueGrace);
        await foreach (var page in StorePages.Read<DueRun>(
            PageSize, after => _store.ListDue(dueBefore, after, [], PageSize, cancellationToken)))
        {
            count += page.Count;
            if (count >= MaxCount)
            {
                break;
            }
        }

        return count;
    }

    private IEnumerable<Measurement<T>> Observe<T>(Func<Values, T> select)
        where T : struct => _values is { } values ? [new Measurement<T>(select(values))] : [];

    [LoggerMessage(LogLevel.Debug, "Failed to read the gauges of the store; will retry")]
    private partial void LogReadFailed(Exception exception);

    private sealed record Values(int OutboxDepth, TimeSpan OldestOutbox, int OverdueTimers);
}
