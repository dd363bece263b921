namespace Runs.Store;

/// <summary>
/// The attributes that spans and metrics of the service may have. Input, config, output, metadata, texts of events and
/// forms, tags, names, query strings, headers and keys are never attributes.
/// </summary>
public static class TelemetryAttributes
{
    /// <summary>The attributes of metrics: words with few values. Never a tenant or a run's id.</summary>
    public static IReadOnlyList<string> OfMetrics { get; } =
        [Code, Command, Form, From, Hop, Kind, Operation, Outcome, Permit, Queue, Reason, To, Type];

    /// <summary>The attributes of spans, in addition to those of the libraries.</summary>
    public static IReadOnlyList<string> OfSpans { get; } = [SpanKind, SpanOutcome, SpanRunId, SpanTenant];

    /// <summary>A code of <c>RejectionCodes</c>, or of a problem; <c>none</c> without one.</summary>
    public const string Code = "code";

    /// <summary>The action of a command: <c>create</c>, <c>start</c>, and so on; <c>due</c> for a timer.</summary>
    public const string Command = "command";

    /// <summary>What a request waits for: <c>stream</c>, <c>poll</c>, <c>claim</c> or <c>heartbeat</c>.</summary>
    public const string Form = "form";

    /// <summary>The status before a change, or <c>retrying</c>; <c>new</c> for a new run.</summary>
    public const string From = "from";

    /// <summary>A part of the time of a create: <c>queue</c>, <c>saga</c>, <c>store</c> or <c>total</c>.</summary>
    public const string Hop = "hop";

    /// <summary>The kind of a run.</summary>
    public const string Kind = "kind";

    /// <summary>A method of the store.</summary>
    public const string Operation = "operation";

    /// <summary>What became of a call or a command.</summary>
    public const string Outcome = "outcome";

    /// <summary>What a permit is for: <c>command</c>, <c>append</c>, and so on.</summary>
    public const string Permit = "permit";

    /// <summary>
    /// The queue of a command: <c>commands</c> for those of the API, <c>lifecycle</c> for all others.
    /// </summary>
    public const string Queue = "queue";

    /// <summary>Why a request was rejected.</summary>
    public const string Reason = "reason";

    /// <summary>The status after a change, or <c>retrying</c>.</summary>
    public const string To = "to";

    /// <summary>The simple name of an event's type; <c>other</c> for one of a later release.</summary>
    public const string Type = "type";

    /// <summary>The kind of the run of a span.</summary>
    public const string SpanKind = "runs.kind";

    /// <summary>The outcome of the command of a span.</summary>
    public const string SpanOutcome = "runs.outcome";

    /// <summary>The id of the run of a span.</summary>
    public const string SpanRunId = "runs.run_id";

    /// <summary>The tenant of the run of a span.</summary>
    public const string SpanTenant = "runs.tenant";
}
