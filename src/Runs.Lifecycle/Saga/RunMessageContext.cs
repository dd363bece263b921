using System.Text.Json;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// What the state machine knows and decides about one message, besides the run: the input of the deciders
/// (<see cref="CreateRunDecision"/> and the others), their outcome and the reply. The repository creates it for each
/// attempt and adds it to MassTransit's context of the message as a payload. It is not stored.
/// </summary>
internal sealed class RunMessageContext
{
    private CreateRunOutcome? _create;
    private WaitRunOutcome? _wait;
    private ResumeRunOutcome? _resume;
    private ClaimRunOutcome? _claim;
    private ReleaseRunOutcome? _release;
    private CompleteRunOutcome? _complete;
    private RunDueOutcome? _due;

    /// <summary>The run that the message names.</summary>
    public required RunReference Reference { get; init; }

    /// <summary>
    /// The time at which the message is handled. It is never before the last change or event of the run, even if the
    /// clocks of several hosts differ.
    /// </summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The time of this host. Unlike <see cref="Now"/>, it may be before the last change of the run.</summary>
    public DateTimeOffset HostTime { get; init; }

    /// <summary>The message id; null if the publisher set none.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>Whether the sender expects a reply.</summary>
    public bool HasResponseAddress { get; init; }

    /// <summary>
    /// Whether the message cancels the run because a run above it was cancelled. The cascade of that run reaches the
    /// descendants.
    /// </summary>
    public bool IsCascaded { get; init; }

    /// <summary>Whether the service itself sent the command: a schedule fired.</summary>
    public bool IsInternal { get; init; }

    /// <summary>The parsed request of a create; null for other commands.</summary>
    public RunRequest? Request { get; init; }

    /// <summary>The parent that a create names; null if it does not exist.</summary>
    public Run? Parent { get; init; }

    /// <summary>Whether the parent that a create names, or a run above it, was cancelled.</summary>
    public bool HasCancelledAncestor { get; init; }

    /// <summary>How long a reserved run waits for its start.</summary>
    public TimeSpan ReservationLifetime { get; init; }

    /// <summary>The number of levels that a run tree may have below its root.</summary>
    public int MaxTreeDepth { get; init; }

    /// <summary>The settings of leases and retries.</summary>
    public ExecutionOptions Execution { get; init; } = new();

    /// <summary>Whether the run must be saved. A duplicate and a late outcome write nothing.</summary>
    public bool HasChanges { get; set; }

    /// <summary>
    /// The reply, which is sent after the run was saved: a <see cref="RunSnapshot"/> or a <see cref="RunRejected"/>.
    /// </summary>
    public object? Reply { get; set; }

    /// <summary>Whether the command was handled and needs no reply.</summary>
    public bool NeedsNoReply { get; set; }

    /// <summary>Whether to cancel the descendants again although nothing was written.</summary>
    public bool RestartsCascade { get; set; }

    /// <summary>Replies with a rejection. The run does not change.</summary>
    public void Reject(string code, string detail, IReadOnlyList<string>? differences = null) =>
        Reply = RunMessages.CreateRejection(Reference, code, detail) with { Differences = differences };

    /// <summary>
    /// The outcome of a create. It is decided once for each message, before the state machine changes anything, like
    /// the other outcomes.
    /// </summary>
    public CreateRunOutcome OutcomeOf(CreateRun command, Run? run) => _create ??= CreateRunDecision.Decide(run, command, this);

    /// <summary>The outcome of a wait.</summary>
    public WaitRunOutcome OutcomeOf(WaitRun command, Run run) => _wait ??= WaitRunDecision.Decide(run, command, MessageId);

    /// <summary>The outcome of a result.</summary>
    public ResumeRunOutcome OutcomeOf(ResumeRun command, Run run) => _resume ??= ResumeRunDecision.Decide(run, command, this);

    /// <summary>The outcome of a claim.</summary>
    public ClaimRunOutcome OutcomeOf(ClaimRun command, Run run) => _claim ??= ClaimRunDecision.Decide(run, command, this);

    /// <summary>The outcome of a release.</summary>
    public ReleaseRunOutcome OutcomeOf(ReleaseRun command, Run run) => _release ??= ReleaseRunDecision.Decide(run, command, this);

    /// <summary>The outcome of a complete.</summary>
    public CompleteRunOutcome OutcomeOf(CompleteRun command, Run run) => _complete ??= CompleteRunDecision.Decide(run, command, this);

    /// <summary>The timer that has passed.</summary>
    public RunDueOutcome OutcomeOf(RunDue message, Run run) => _due ??= RunDueDecision.Decide(run, message, this);

    /// <summary>Adds a message to the run's outbox. It is published after the run was saved.</summary>
    public void AddToOutbox(Run run, object message)
    {
        var type = message.GetType();
        var id = RunIds.Derive(run.Id, $"{run.Version + 1}/{run.Outbox.Count}/{type.Name}");
        run.Outbox.Add(new OutboxMessage(id, type.Name, new RawJson(JsonSerializer.Serialize(message, type))) { Message = message });
        HasChanges = true;
    }

    /// <summary>Appends an event to the run's log.</summary>
    /// <param name="run">The run.</param>
    /// <param name="type">One of <see cref="RunEventTypes"/>.</param>
    /// <param name="runEvent">The event.</param>
    /// <param name="isExternal">Whether an executor created it.</param>
    public void AppendEvent(Run run, string type, RawJson runEvent, bool isExternal = false)
    {
        run.LatestEventId++;
        run.LatestEventAt = Now;
        long? sequence = isExternal ? ++run.LatestExternalEventSequence : null;
        run.EmbeddedEvents.Add(new RunEvent(run.LatestEventId, type, Public: true, sequence, Now, runEvent));
        HasChanges = true;
    }
}
