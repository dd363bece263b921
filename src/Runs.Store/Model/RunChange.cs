using Runs.Contracts;

namespace Runs.Store;

/// <summary>A change of a run, and who made it.</summary>
/// <param name="At">When the run was changed.</param>
/// <param name="Action">
/// <c>create</c>, <c>start</c>, <c>claim</c>, <c>release</c>, <c>wait</c>, <c>resume</c>, <c>complete</c>,
/// <c>cancel</c>, or <c>due</c> for a timer.
/// </param>
/// <param name="Actor">The actor, if the command names one.</param>
/// <param name="Via">
/// <c>http</c>: the credential identifies the actor. <c>broker</c>: the publisher claims the actor. <c>system</c>: this
/// service.
/// </param>
/// <param name="From">The status, or the phase if the run had one, before the change; null for a new run.</param>
/// <param name="To">The status, or the phase if the run has one, after the change.</param>
/// <param name="MessageId">The command's message id; empty when its publisher gave none.</param>
/// <param name="TraceId">The trace that the command belongs to.</param>
public sealed record RunChange(
    DateTimeOffset At, string Action, Actor? Actor, string Via, string? From, string To, Guid MessageId, string? TraceId)
    : StoredRecord
{
    /// <summary>The number of changes that a run retains.</summary>
    public const int MaxPerRun = 20;
}
