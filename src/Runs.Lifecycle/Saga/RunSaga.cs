using MassTransit;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The saga instance. It contains the run, whose status is the state. The data of a single message is in
/// <see cref="RunMessageContext"/>.
/// </summary>
internal sealed class RunSaga : SagaStateMachineInstance
{
    private string? _stateWithoutRun;

    /// <summary><see cref="RunIds.ForRun"/> of tenant and run id.</summary>
    public Guid CorrelationId { get; set; }

    /// <summary>
    /// The state: the state machine's name for the status and phase of the run. Without a run it is Initial, which is
    /// not stored.
    /// </summary>
    public string? CurrentState
    {
        // A newly created run has no status yet.
        get => RunOrNull is { Status: not null } run ? RunStateNames.GetName(run) : _stateWithoutRun;
        set
        {
            if (RunOrNull is not { } run || value is null || !RunStateNames.TrySetState(run, value))
            {
                _stateWithoutRun = value;
            }
        }
    }

    /// <summary>The run; null until the state machine has recorded a request or a pending cancellation.</summary>
    public Run? RunOrNull { get; set; }

    /// <summary>The run, in states that have one.</summary>
    public Run Run => RunOrNull ?? throw new InvalidOperationException($"Saga {CorrelationId} has no run yet.");
}
