using System.Diagnostics.Metrics;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>The metrics of schedules. docs/operations.md describes them.</summary>
internal sealed class ScheduleMetrics
{
    private readonly Counter<long> _fires;
    private readonly Histogram<double> _delay;

    public ScheduleMetrics(IMeterFactory meters)
    {
        var meter = meters.GetMeter();
        _fires = meter.CreateCounter<long>("runs.schedule.fires", "{fire}", "Fires of schedules, by their outcome.");
        _delay = meter.CreateHistogram(
            "runs.schedule.delay", "s", "From the time of a fire to the storage of its run.", null, RunsTelemetry.Slow);
    }

    /// <summary>Records the fires by which <paramref name="after"/> is ahead of <paramref name="before"/>.</summary>
    public void Record(Schedule before, Schedule after, DateTimeOffset now)
    {
        Add("created", after.RunCount - before.RunCount);
        Add("skipped", after.SkippedCount - before.SkippedCount);
        Add("missed", after.MissedCount - before.MissedCount);
        if (after.RunCount > before.RunCount && after.LastScheduledAt is { } fire)
        {
            _delay.Record(Math.Max(0, (now - fire).TotalSeconds));
        }
    }

    private void Add(string outcome, long count)
    {
        if (count > 0)
        {
            _fires.Add(count, new KeyValuePair<string, object?>(TelemetryAttributes.Outcome, outcome));
        }
    }
}
