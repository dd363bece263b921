using System.Diagnostics.Metrics;
using Runs.Store;
using static Runs.Store.TelemetryAttributes;

namespace Runs.Api.Telemetry;

/// <summary>The metrics of requests. docs/operations.md describes them.</summary>
internal sealed class ApiMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _rejections;
    private readonly UpDownCounter<long> _subscribers;
    private readonly Counter<long> _claims;
    private readonly Histogram<double> _createDuration;
    private readonly Histogram<double> _commandDuration;
    private readonly Histogram<double> _appendDuration;
    private readonly Counter<long> _appendConflicts;

    public ApiMetrics(IMeterFactory meters)
    {
        _meter = meters.GetMeter();
        _rejections = _meter.CreateCounter<long>("runs.rejections", "{request}", "Requests that were rejected to protect the others.");
        _subscribers = _meter.CreateUpDownCounter<long>("runs.subscribers", "{request}", "Open streams and waiting long polls.");
        _claims = _meter.CreateCounter<long>("runs.claims", "{claim}", "Claims of single runs for workers that call over HTTP.");
        _createDuration = _meter.CreateHistogram(
            "runs.create.duration", "s", "How long creates took, as Server-Timing reports.", null, RunsTelemetry.Fast);
        _commandDuration = _meter.CreateHistogram(
            "runs.command.duration", "s", "From the sending of a command to its reply.", null, RunsTelemetry.Fast);
        _appendDuration = _meter.CreateHistogram("runs.append.duration", "s", "How long appends took.", null, RunsTelemetry.Fast);
        _appendConflicts = _meter.CreateCounter<long>(
            "runs.append.conflicts", "{conflict}", "Appends that a concurrent write made void; they were made again.");
    }

    /// <summary>Records a request that has reached a concurrency limit.</summary>
    public void RecordRejection(string permit, LimitedBy limit) =>
        RecordRejection(permit, limit == LimitedBy.Tenant ? "tenant_share" : "full");

    /// <summary>Records a request above the rate of its tenant.</summary>
    public void RecordRateRejection() => RecordRejection("request", "rate");

    /// <summary>Records the durations of a create.</summary>
    public void RecordCreate(in CommandReply reply)
    {
        if (_createDuration.Enabled)
        {
            var (queue, saga, store, total) = reply.GetDurations();
            Record("queue", queue);
            Record("saga", saga);
            Record("store", store);
            Record("total", total);
        }

        void Record(string hop, double milliseconds) =>
            _createDuration.Record(milliseconds / 1000, new KeyValuePair<string, object?>(Hop, hop));
    }

    /// <summary>Records a command that was sent to the state machine.</summary>
    /// <param name="command">The type of the command.</param>
    /// <param name="outcome">
    /// <c>changed</c>, <c>unchanged</c>, <c>rejected</c>, <c>not_sent</c>, or <c>unknown</c> without a reply in time.
    /// </param>
    /// <param name="duration">The time until the reply, or until it was no longer awaited.</param>
    public void RecordCommand(Type command, string outcome, TimeSpan duration)
    {
        if (_commandDuration.Enabled)
        {
            _commandDuration.Record(duration.TotalSeconds, new(Command, RunActions.Get(command)), new(Outcome, outcome));
        }
    }

    /// <summary>Records an append of events.</summary>
    /// <param name="outcome"><c>appended</c>, <c>repeated</c>, <c>rejected</c>, or <c>failed</c>.</param>
    /// <param name="duration">The duration of the append.</param>
    public void RecordAppend(string outcome, TimeSpan duration) =>
        _appendDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(Outcome, outcome));

    /// <summary>Records that a concurrent write made an append void.</summary>
    public void RecordAppendConflict() => _appendConflicts.Add(1);

    /// <summary>Records the outcome of one claim.</summary>
    /// <param name="outcome">
    /// <c>claimed</c>, <c>rejected</c> when another process has claimed the run before, or <c>failed</c>.
    /// </param>
    public void RecordClaim(string outcome) => _claims.Add(1, new KeyValuePair<string, object?>(Outcome, outcome));

    /// <summary>Counts a stream or a long poll until it is disposed.</summary>
    /// <param name="form"><c>stream</c>, <c>poll</c>, <c>claim</c> or <c>heartbeat</c>.</param>
    public IDisposable OpenSubscriber(string form) => new Subscriber(_subscribers, new KeyValuePair<string, object?>(Form, form));

    /// <summary>Reports the permits of concurrency limits.</summary>
    public void ObservePermits(IReadOnlyList<TenantConcurrencyLimiter> limiters)
    {
        _meter.CreateObservableGauge(
            "runs.permits.used", () => limiters.Select(limiter => Measure(limiter, limiter.PermitLimit - limiter.AvailablePermits)),
            "{permit}", "Permits that are held.");
        _meter.CreateObservableGauge(
            "runs.permits.limit", () => limiters.Select(limiter => Measure(limiter, limiter.PermitLimit)),
            "{permit}", "Permits that may be held.");

        static Measurement<long> Measure(TenantConcurrencyLimiter limiter, long permits) =>
            new(permits, new KeyValuePair<string, object?>(Permit, limiter.Name));
    }

    private void RecordRejection(string permit, string reason) => _rejections.Add(1, new(Permit, permit), new(Reason, reason));

    private sealed class Subscriber : IDisposable
    {
        private readonly UpDownCounter<long> _counter;
        private readonly KeyValuePair<string, object?> _form;

        public Subscriber(UpDownCounter<long> counter, KeyValuePair<string, object?> form)
        {
            (_counter, _form) = (counter, form);
            _counter.Add(1, _form);
        }

        public void Dispose() => _counter.Add(-1, _form);
    }
}
