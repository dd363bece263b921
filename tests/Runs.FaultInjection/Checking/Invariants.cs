namespace Runs.FaultInjection.Checking;

/// <summary>The invariants, as the report shows them.</summary>
internal static class Invariants
{
    public const string NoLostRuns = "what was answered or confirmed exists";
    public const string NoDuplicateRuns = "one run per id";
    public const string CreatedOnce = "one call per id has created the run";
    public const string ValidTransitions = "a status follows the states of a run only";
    public const string FirstOutcomeWins = "the first outcome stays, and responses say who set it";
    public const string OneAttemptAtATime = "attempts grow by one, one at a time, and what is over changes nothing";
    public const string OneClaimPerAttempt = "each attempt is the answer to one claim";
    public const string LeasesAreKept = "no attempt is lost before the end of its lease";
    public const string ClaimableIfReady = "a run can be claimed if and only if it is ready";
    public const string OneRunPerFire = "each fire of a schedule is one run, and its counts add up";
    public const string RetryLimit = "failed attempts are counted, and stay within the limit";
    public const string RootRunIds = "root_run_id is the root of the tree";
    public const string CascadingCancellation = "runs below a cancelled run have ended";
    public const string GaplessEventIds = "event ids and external sequences have no gap and no repeat";
    public const string AppendedOnce = "an append that was answered is in the log once";
    public const string TerminalEventLast = "the log ends if and only if the run has";
    public const string MonotonicTimes = "times never go backwards";
    public const string EventsPublished = "every event is published, under one message id";
    public const string ResponseDeadline = "every call is answered by its deadline and two seconds";
    public const string DocumentedResponses = "responses are those that the API describes";
    public const string ReadAfterWrite = "a read sees what was answered before it";
    public const string RecoveryTime = "the first 202 comes within ten seconds of the last fault";
    public const string UnattendedRecovery = "no restart by hand, and every caller is served in the end";
    public const string NothingPending = "outboxes and recent events are empty in the end";
    public const string ErrorQueues = "error and dead-letter queues hold only messages that are no valid commands";
    public const string ScenarioLimits = "the limits of the scenario";

    public static IReadOnlyList<string> All { get; } =
    [
        NoLostRuns,
        NoDuplicateRuns,
        CreatedOnce,
        ValidTransitions,
        FirstOutcomeWins,
        OneAttemptAtATime,
        OneClaimPerAttempt,
        LeasesAreKept,
        ClaimableIfReady,
        OneRunPerFire,
        RetryLimit,
        RootRunIds,
        CascadingCancellation,
        GaplessEventIds,
        AppendedOnce,
        TerminalEventLast,
        MonotonicTimes,
        EventsPublished,
        ResponseDeadline,
        DocumentedResponses,
        ReadAfterWrite,
        RecoveryTime,
        UnattendedRecovery,
        NothingPending,
        ErrorQueues,
        ScenarioLimits,
    ];
}
