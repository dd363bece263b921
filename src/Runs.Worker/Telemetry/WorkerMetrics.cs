using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Runs.Worker;

/// <summary>The metrics of a worker: the meter <c>Runs.Worker</c>. Attributes never name a run or a tenant.</summary>
internal sealed class WorkerMetrics : IDisposable
{
    public const string MeterName = "Runs.Worker";

    private readonly Meter _meter;
    private readonly KeyValuePair<string, object?> _worker;
    private readonly UpDownCounter<int> _usedSlots;
    private readonly Counter<long> _claims;
    private readonly Counter<long> _emptyPolls;
    private readonly Counter<long> _lostLeases;
    private readonly Counter<long> _stuckHandlers;
    private readonly Histogram<double> _attempts;
    private readonly Histogram<double> _renewals;

    public WorkerMetrics(IMeterFactory factory, string workerKey, int slots)
    {
        _worker = new KeyValuePair<string, object?>("worker.key", workerKey);
        _meter = factory.Create(MeterName);
        _meter.CreateObservableGauge(
            "runs.worker.slots", () => new Measurement<int>(slots, _worker), "{slot}", "The runs that the worker may execute at once.");
        _usedSlots = _meter.CreateUpDownCounter<int>("runs.worker.slots.used", "{slot}", "The runs that the worker executes.");
        _claims = _meter.CreateCounter<long>("runs.worker.claims", "{run}", "The runs that the worker has claimed.");
        _emptyPolls = _meter.CreateCounter<long>("runs.worker.polls.empty", "{poll}", "The claims that found no run.");
        _lostLeases = _meter.CreateCounter<long>("runs.worker.leases.lost", "{lease}", "The leases that ended during an attempt.");
        _stuckHandlers = _meter.CreateCounter<long>("runs.worker.handlers.stuck", "{handler}", "The handlers that did not stop in time.");
        _attempts = _meter.CreateHistogram<double>("runs.worker.attempt.duration", "s", "The duration of an attempt, by outcome.");
        _renewals = _meter.CreateHistogram<double>("runs.worker.renewal.lag", "s", "The time between two renewals of the leases.");
    }

    public void AttemptStarted()
    {
        _usedSlots.Add(1, _worker);
        _claims.Add(1, _worker);
    }

    public void AttemptEnded(string outcome, string target, TimeSpan duration)
    {
        _usedSlots.Add(-1, _worker);
        _attempts.Record(
            duration.TotalSeconds,
            new TagList { _worker, new("run.outcome", outcome), new("run.target", target) });
    }

    public void PollWasEmpty() => _emptyPolls.Add(1, _worker);

    public void LeaseLost() => _lostLeases.Add(1, _worker);

    public void HandlerStuck() => _stuckHandlers.Add(1, _worker);

    public void Renewed(TimeSpan sinceLast) => _renewals.Record(sinceLast.TotalSeconds, _worker);

    public void Dispose() => _meter.Dispose();
}
