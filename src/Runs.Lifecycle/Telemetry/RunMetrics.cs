using System.Diagnostics.Metrics;
using MassTransit;
using Runs.Contracts;
using Runs.Store;
using static Runs.Store.TelemetryAttributes;

namespace Runs.Lifecycle;

/// <summary>The metrics of commands and of the changes that they make. docs/operations.md describes them.</summary>
internal sealed class RunMetrics
{
    private const string New = "new";
    private const string None = "none";
    private const string Other = "other";

    private readonly TimeProvider _clock;
    private readonly Counter<long> _creates;
    private readonly Counter<long> _conflicts;
    private readonly Counter<long> _redeliveries;
    private readonly Counter<long> _transitions;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _messageWait;
    private readonly Histogram<double> _runWait;
    private readonly Histogram<double> _runDuration;
    private readonly Histogram<double> _timerLag;

    public RunMetrics(IMeterFactory meters, TimeProvider clock)
    {
        var meter = meters.GetMeter();
        _clock = clock;
        _creates = meter.CreateCounter<long>("runs.creates", "{run}", "Creates, by their outcome.");
        _conflicts = meter.CreateCounter<long>("runs.decisions.lost", "{conflict}", "Decisions discarded after a concurrent write.");
        _redeliveries = meter.CreateCounter<long>("runs.redeliveries", "{message}", "Messages that the broker delivered again.");
        _transitions = meter.CreateCounter<long>("runs.transitions", "{run}", "Stored changes of a run's status.");
        _failures = meter.CreateCounter<long>("runs.failures", "{run}", "Runs that failed.");
        _attempts = meter.CreateCounter<long>("runs.attempts", "{attempt}", "Attempts that have ended.");
        _messageWait = CreateHistogram("runs.message.wait", "From the sending of a command to its receipt.", RunsTelemetry.Fast);
        _runWait = CreateHistogram("runs.run.wait", "From the acceptance of a run to its first start.", RunsTelemetry.Slow);
        _timerLag = CreateHistogram("runs.timer.lag", "From the due time of a run to the decision.", RunsTelemetry.Slow);
        _runDuration = CreateHistogram("runs.run.duration", "From the first start of a run to its end.", RunsTelemetry.Slow);

        Histogram<double> CreateHistogram(string name, string description, InstrumentAdvice<double> bounds) =>
            meter.CreateHistogram(name, "s", description, null, bounds);
    }

    /// <summary>Records that a message was received. A retry of its handling is not counted.</summary>
    public void RecordReceived<T>(ConsumeContext<T> context)
        where T : class
    {
        if (context.GetRetryAttempt() > 0)
        {
            return;
        }

        if (context.ReceiveContext.Redelivered)
        {
            _redeliveries.Add(1, new KeyValuePair<string, object?>(Queue, GetQueue(context)));
        }

        if (_messageWait.Enabled && context.SentTime is { } sent)
        {
            var wait = _clock.GetUtcNow().UtcDateTime - sent.ToUniversalTime();
            _messageWait.Record(
                Math.Max(0, wait.TotalSeconds), new(Queue, GetQueue(context)), new(Command, RunActions.Get(typeof(T))));
        }
    }

    /// <summary>
    /// Records that a message is decided again. It is a conflict if another write has changed the run meanwhile. A
    /// create whose run exists already is none.
    /// </summary>
    public void RecordRetry(Type message, bool hasConflict, string? previousState)
    {
        if (hasConflict && previousState is not null)
        {
            _conflicts.Add(1, new KeyValuePair<string, object?>(Command, RunActions.Get(message)));
        }
    }

    /// <summary>Records the final decision on a message.</summary>
    /// <param name="context">The message.</param>
    /// <param name="saved">The run, if the message changed it.</param>
    /// <param name="previousState">The state before, as it is stored; null for a new run.</param>
    /// <param name="reply">The reply of the state machine.</param>
    public void RecordDecision<T>(ConsumeContext<T> context, Run? saved, string? previousState, object? reply)
        where T : class
    {
        if (context.Message is CreateRun create)
        {
            var rejection = (reply as RunRejected)?.Code;
            _creates.Add(
                1,
                new(Kind, create.Kind),
                new(Queue, GetQueue(context)),
                new(Outcome, rejection is not null ? "rejected" : saved is not null ? New : "duplicate"),
                new(Code, rejection ?? None));
        }

        if (saved is not null && RunStateNames.GetValue(saved) != previousState)
        {
            RecordTransition(saved, previousState, isServiceError: context.Message is not CompleteRun);
        }

        if (saved is { Attempts: [.., { Outcome: { } outcome }] } && EndsAttempt(saved))
        {
            _attempts.Add(1, new(Kind, saved.Kind), new(Outcome, outcome));
        }
    }

    /// <summary>Records a timer that has fired.</summary>
    public void RecordTimer(DateTimeOffset dueAt) => _timerLag.Record(Math.Max(0, (_clock.GetUtcNow() - dueAt).TotalSeconds));

    // Each end of an attempt is announced by one message, which the write that ended it has added.
    private static bool EndsAttempt(Run saved) =>
        saved.Outbox.Exists(message => message.Message is RunAttemptEnded or RunFinished { Attempt: > 0 });

    private void RecordTransition(Run run, string? from, bool isServiceError)
    {
        var kind = new KeyValuePair<string, object?>(Kind, run.Kind.Length == 0 ? Other : run.Kind);
        _transitions.Add(1, kind, new(From, from ?? New), new(To, RunStateNames.GetValue(run)));
        if (from is null or RunStatuses.Pending && run.StartedAt is { } startedAt)
        {
            _runWait.Record((startedAt - run.CreatedAt).TotalSeconds, kind);
        }

        if (run is { StartedAt: { } started, CompletedAt: { } completed })
        {
            _runDuration.Record((completed - started).TotalSeconds, kind, new(Outcome, run.Status));
        }

        if (run.Status == RunStatuses.Failed)
        {
            // An executor chooses any code.
            _failures.Add(1, kind, new(Code, isServiceError ? run.Error?.Code ?? Other : Other));
        }
    }

    private static string GetQueue(ConsumeContext context) => RunChanges.IsFromApi(context.ReceiveContext) ? "commands" : "lifecycle";
}
