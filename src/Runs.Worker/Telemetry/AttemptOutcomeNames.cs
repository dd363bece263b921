using Runs.Contracts;

namespace Runs.Worker;

/// <summary>How an attempt ended, as telemetry has it.</summary>
internal static class AttemptOutcomeNames
{
    public const string Completed = AttemptOutcomes.Completed;
    public const string Failed = AttemptOutcomes.Failed;
    public const string Cancelled = AttemptOutcomes.Cancelled;
    public const string Released = AttemptOutcomes.Released;
    public const string Suspended = AttemptOutcomes.Suspended;
    public const string Lost = AttemptOutcomes.Lost;
    public const string TimedOut = "timed_out";

    /// <summary>Returns the outcome of an attempt that was stopped.</summary>
    public static string FromReason(StopReason reason) => reason switch
    {
        StopReason.RunCancelled => Cancelled,
        StopReason.TimedOut => TimedOut,
        StopReason.Shutdown => Released,
        _ => Lost,
    };
}
