using System.Text.Json;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The saga instance: the stored run, and beside it what the machine needs to know while it handles one message. Only <see cref="Run"/> is stored.
/// </summary>
internal sealed class RunState : SagaStateMachineInstance
{
    private string? _initial;
    private Verdict? _verdict;

    /// <summary><see cref="RunKey.Of"/> tenant and run id.</summary>
    public Guid CorrelationId { get; set; }

    /// <summary>The stored run; null until the machine records a request.</summary>
    public Run? Stored { get; set; }

    /// <summary>The stored run, where the machine's state says that there is one.</summary>
    public Run Run => Stored ?? throw new InvalidOperationException($"Run {CorrelationId} has not been recorded.");

    /// <summary>The machine's state; stored as the run's status, in lower case. Initial, the state of what is not stored, is only remembered.</summary>
    public string? CurrentState
    {
        get => Stored?.Status is { } status ? RunStates.NameOf(status) : _initial;
        set
        {
            if (Stored is null || value is null || !RunStates.TryStatusOf(value, out var status))
            {
                _initial = value;
            }
            else if (status != Stored.Status)
            {
                Stored.Status = status;
                Changed = true;
            }
        }
    }

    /// <summary>When the message at hand is handled. Never before the run's last change or event, whatever the clocks of several hosts say.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>The id of the message at hand; empty when its publisher gave none.</summary>
    public Guid MessageId { get; set; }

    /// <summary>Whether the sender of the message at hand can be told anything.</summary>
    public bool HasReplyAddress { get; set; }

    /// <summary>Whom the message at hand is about.</summary>
    public RunAddress Address { get; set; }

    /// <summary>What a create asks for, read from its request.</summary>
    public RunRequest? Request { get; set; }

    /// <summary>How long a reserved run waits for its start.</summary>
    public TimeSpan ReservationLifetime { get; set; }

    /// <summary>The parent that a create names, where it exists.</summary>
    public Run? Parent { get; set; }

    /// <summary>Whether the parent that a create names was cancelled, or a run above it.</summary>
    public bool HasCancelledAncestor { get; set; }

    /// <summary>How many levels a tree may have below its root.</summary>
    public int MaxTreeDepth { get; set; }

    /// <summary>Whether the message at hand cancels the run on account of a run above it, whose duty it is to reach the descendants.</summary>
    public bool IsCascade { get; set; }

    /// <summary>Whether the descendants are to be cancelled, although nothing was written.</summary>
    public bool ResumesCascade { get; set; }

    /// <summary>Whether there is something to write. A duplicate and a late outcome write nothing.</summary>
    public bool Changed { get; set; }

    /// <summary>What the sender is told, once the write has happened.</summary>
    public object? Reply { get; set; }

    /// <summary>Records a fact that others are told once it is stored.</summary>
    public void Announce(object fact)
    {
        var type = fact.GetType();
        var id = RunKey.Derive(CorrelationId, $"{Run.Version + 1}/{Run.Outbox.Count}/{type.Name}");
        Run.Outbox.Add(new OutboxMessage(id, type.Name, new RawJson(JsonSerializer.Serialize(fact, type))) { Message = fact });
        Changed = true;
    }

    /// <summary>Records an event in the run's log.</summary>
    /// <param name="type"><see cref="RunEventTypes"/>.</param>
    /// <param name="fact">The event.</param>
    /// <param name="isExternal">Whether an executor made it.</param>
    public void Log(string type, RawJson fact, bool isExternal = false)
    {
        Run.LatestEventId++;
        Run.LatestEventAt = Now;
        long? sequence = isExternal ? ++Run.LatestExternalEventSequence : null;
        Run.RecentEvents.Add(new RunEvent(Run.LatestEventId, type, Public: true, sequence, Now, fact));
        Changed = true;
    }

    /// <summary>Answers the command with a refusal; the run stays as it is.</summary>
    public void Refuse(string code, string detail, IReadOnlyList<string>? differences = null) =>
        Reply = new RunRefused { Tenant = Address.Tenant, RunId = Address.RunId, Code = code, Detail = detail, Differences = differences };

    /// <summary>What a create is to this run. Decided once a message, before the machine changes anything.</summary>
    public Verdict VerdictOn(CreateRun command) => _verdict ??= CreateDecision.On(this, command);
}

/// <summary>The machine's state names and the stored statuses: the same words but for their spelling.</summary>
internal static class RunStates
{
    private static readonly Dictionary<string, string> Names =
        RunStatuses.All.Append(Run.CalledOff).ToDictionary(
            status => status, status => string.Concat(status.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..])));

    private static readonly Dictionary<string, string> Statuses = Names.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>The state's name: <c>Pending</c> for <c>pending</c>.</summary>
    public static string NameOf(string status) => Names[status];

    /// <summary>The status of a state; false for the machine's own Initial and Final.</summary>
    public static bool TryStatusOf(string name, out string status) => Statuses.TryGetValue(name, out status!);
}
