using System.Diagnostics;

namespace Runs.Server.Telemetry;

/// <summary>
/// Reads and writes <c>traceparent</c> and <c>tracestate</c> (W3C Trace Context) only. Baggage is neither read nor
/// sent: MassTransit would copy that of any caller into every message and so to every subscriber.
/// </summary>
internal sealed class TraceContextPropagator : DistributedContextPropagator
{
    private readonly DistributedContextPropagator _inner = CreateW3CPropagator();

    public override IReadOnlyCollection<string> Fields { get; } = ["traceparent", "tracestate"];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) =>
        _inner.Inject(activity, carrier, setter is null ? null : (target, name, value) =>
        {
            if (Fields.Contains(name))
            {
                setter(target, name, value);
            }
        });

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        _inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
