using System.Diagnostics.Metrics;
using Runs.Contracts;
using Runs.Store;
using static Runs.Store.TelemetryAttributes;

namespace Runs.Lifecycle;

/// <summary>The metrics of the outbox. docs/operations.md describes them.</summary>
internal sealed class OutboxMetrics
{
    private readonly TimeProvider _clock;
    private readonly Counter<long> _sent;
    private readonly Histogram<double> _delay;

    public OutboxMetrics(IMeterFactory meters, TimeProvider clock)
    {
        var meter = meters.GetMeter();
        _clock = clock;
        _sent = meter.CreateCounter<long>("runs.outbox.sent", "{message}", "Messages of outboxes, by what became of them.");
        _delay = meter.CreateHistogram(
            "runs.outbox.delay", "s", "From the recording of an event to its confirmation by the broker.", null, RunsTelemetry.Slow);
    }

    /// <summary>Records an event that the broker has confirmed.</summary>
    public void RecordSent(object published)
    {
        var type = new KeyValuePair<string, object?>(TelemetryAttributes.Type, published.GetType().Name);
        _sent.Add(1, type, new(Outcome, "sent"));
        if (_delay.Enabled)
        {
            _delay.Record(Math.Max(0, (_clock.GetUtcNow() - GetTime(published)).TotalSeconds), type);
        }
    }

    /// <summary>Records an event that could not be sent. It is sent again later.</summary>
    /// <param name="type">The simple name of its type.</param>
    public void RecordFailed(string type) => _sent.Add(1, new(TelemetryAttributes.Type, type), new(Outcome, "failed"));

    /// <summary>Records an event of a later release, which this one does not send.</summary>
    public void RecordUnknownType() => _sent.Add(1, new(TelemetryAttributes.Type, "other"), new(Outcome, "unknown_type"));

    private static DateTimeOffset GetTime(object published) => published switch
    {
        RunAccepted run => run.OccurredAt,
        RunReserved run => run.OccurredAt,
        RunReady run => run.OccurredAt,
        RunStarted run => run.OccurredAt,
        RunAttemptStarted run => run.OccurredAt,
        RunAttemptEnded run => run.OccurredAt,
        RunWaiting run => run.OccurredAt,
        RunResumed run => run.OccurredAt,
        RunFinished run => run.OccurredAt,
        _ => throw new ArgumentOutOfRangeException(nameof(published), published.GetType(), "Not an event."),
    };
}
