using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>What became of the create of a fire.</summary>
/// <param name="Code">Why the fire has no run; null when its run is stored.</param>
/// <param name="Detail">The description of <paramref name="Code"/>.</param>
internal sealed record FireOutcome(string? Code, string? Detail)
{
    /// <summary>The outcome of a create for <paramref name="schedule"/>.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="reply">The reply: a <see cref="RunSnapshot"/> or a <see cref="RunRejected"/>.</param>
    /// <remarks>
    /// Run ids are chosen by callers, so a run that is not the schedule's may have the id of the fire. It is not
    /// counted as the run of the fire.
    /// </remarks>
    public static FireOutcome From(Schedule schedule, object reply) => reply switch
    {
        RunRejected rejected => new FireOutcome(rejected.Code, rejected.Detail),
        RunSnapshot { Run: { ScheduleId: var id, TriggerKind: TriggerKinds.Schedule } } when id == schedule.Id.ToString() =>
            new FireOutcome(null, null),
        _ => new FireOutcome(RejectionCodes.RunIdTaken, "A run that is not of this schedule has the id of the fire."),
    };
}
