using System.Collections.Concurrent;

namespace Runs.FaultInjection.Checking;

/// <summary>What is promised, in the words of the verdict.</summary>
internal static class Invariants
{
    public const string NoLostRuns = "what was answered or confirmed exists";
    public const string NoDuplicateRuns = "one run per id";
    public const string CreatedOnce = "one creation per id is told";
    public const string ValidTransitions = "a status moves along the life of a run only";
    public const string FirstOutcomeWins = "the first outcome stands, and callers are told whose it is";
    public const string RootRunIds = "root_run_id is the root of the tree";
    public const string CascadingCancellation = "what was below a cancelled run has ended";
    public const string GaplessEventIds = "event ids and external sequences have no gap and no repeat";
    public const string AppendedOnce = "an append that was answered is in the log once";
    public const string TerminalEventLast = "the log ends if and only if the run has";
    public const string MonotonicTimes = "times never go backwards";
    public const string EventsPublished = "every fact is told, under one message id";
    public const string ResponseDeadline = "every call is answered by its deadline and two seconds";
    public const string DocumentedResponses = "answers are those that the API describes";
    public const string ReadAfterWrite = "a read sees what was answered before it";
    public const string RecoveryTime = "the first 202 comes within ten seconds of the last fault";
    public const string UnattendedRecovery = "no restart by hand, and every caller is served in the end";
    public const string NothingPending = "outboxes and recent events are empty in the end";
    public const string ErrorQueues = "error and dead-letter queues hold what cannot be right, and nothing else";
    public const string ScenarioLimits = "the scenario's own";

    public static IReadOnlyList<string> All { get; } =
    [
        NoLostRuns, NoDuplicateRuns, CreatedOnce, ValidTransitions, FirstOutcomeWins, RootRunIds, CascadingCancellation, GaplessEventIds, AppendedOnce, TerminalEventLast, MonotonicTimes, EventsPublished, ResponseDeadline, DocumentedResponses, ReadAfterWrite, RecoveryTime,
        UnattendedRecovery, NothingPending, ErrorQueues, ScenarioLimits,
    ];
}
