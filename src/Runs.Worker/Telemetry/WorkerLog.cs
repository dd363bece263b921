using Microsoft.Extensions.Logging;

namespace Runs.Worker;

/// <summary>What a worker logs. No entry has a token, an input or an output.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(1, LogLevel.Information, "The worker {WorkerKey} has registered as {WorkerId} for {Targets}.")]
    public static partial void Registered(this ILogger logger, string workerKey, string workerId, string targets);

    [LoggerMessage(2, LogLevel.Warning, "The registration failed; the worker retries.")]
    public static partial void RegistrationFailed(this ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Critical, "The server rejected the registration; the application stops.")]
    public static partial void RegistrationRejected(this ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "A claim failed; the worker retries.")]
    public static partial void ClaimFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "A heartbeat failed; the worker retries. Leases are not renewed until one succeeds.")]
    public static partial void HeartbeatFailed(this ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "The attempt {Attempt} of the run {RunId} must stop: {Reason}.")]
    public static partial void StoppedAttempt(this ILogger logger, string runId, int attempt, StopReason reason);

    [LoggerMessage(7, LogLevel.Error, "The handler of attempt {Attempt} of the run {RunId} has ignored its token for 60 s ({Reason}).")]
    public static partial void HandlerIsStuck(this ILogger logger, string runId, int attempt, StopReason reason);

    [LoggerMessage(8, LogLevel.Information, "The attempt {Attempt} of the run {RunId} ended: {Outcome}.")]
    public static partial void AttemptEnded(this ILogger logger, string runId, int attempt, string outcome);

    [LoggerMessage(9, LogLevel.Error, "The attempt {Attempt} of the run {RunId} failed.")]
    public static partial void AttemptFailed(this ILogger logger, Exception exception, string runId, int attempt);

    [LoggerMessage(10, LogLevel.Warning, "The outcome of attempt {Attempt} of the run {RunId} was not reported; the worker retries.")]
    public static partial void ReportFailed(this ILogger logger, Exception exception, string runId, int attempt);

    [LoggerMessage(11, LogLevel.Warning, "The server rejected the outcome of attempt {Attempt} of the run {RunId}.")]
    public static partial void ReportRejected(this ILogger logger, Exception exception, string runId, int attempt);

    [LoggerMessage(12, LogLevel.Warning, "No handler executes {Target}: the run {RunId} was released.")]
    public static partial void TargetIsUnknown(this ILogger logger, string? target, string runId);

    [LoggerMessage(13, LogLevel.Information, "The worker stops; {Count} attempts are running.")]
    public static partial void Draining(this ILogger logger, int count);

    [LoggerMessage(14, LogLevel.Warning, "The handler of attempt {Attempt} of the run {RunId} still runs; the run is released.")]
    public static partial void ReleasedRunningAttempt(this ILogger logger, string runId, int attempt);
}
