using System.Diagnostics;
using System.Globalization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>A failure of the current attempt of a run, and what decides whether another attempt follows.</summary>
/// <param name="Outcome">One of <see cref="AttemptOutcomes"/>.</param>
/// <param name="Error">The error of the attempt, and of the run if no other attempt follows.</param>
/// <param name="Limit">The number of failures after which another attempt may follow.</param>
/// <param name="IsRetryable">Whether another attempt may follow at all.</param>
/// <param name="Delay">The delay that the worker requests; null for the usual one.</param>
internal sealed record AttemptFailure(string Outcome, RunError Error, int Limit, bool IsRetryable = true, TimeSpan? Delay = null)
{
    /// <summary>The code of an attempt whose lease ended.</summary>
    public const string LostCode = "ATTEMPT_LOST";

    /// <summary>The code of a run that workers released too often in a row.</summary>
    public const string ReleasedCode = "RELEASED_TOO_OFTEN";

    /// <summary>Every release of this number in a row counts as a failure.</summary>
    public const int ReleasesPerFailure = 20;

    private const double Jitter = 0.2;

    /// <summary>The failure that follows from a message: a report, a release or a lease that has ended.</summary>
    public static AttemptFailure From(Run run, object message, ExecutionOptions options) => message switch
    {
        CompleteRun report => FromReport(run, report),
        ReleaseRun => FromReleases(run, options),
        RunDue => FromLostLease(run, options),
        _ => throw new UnreachableException($"{message.GetType()} does not end an attempt."),
    };

    private static AttemptFailure FromReport(Run run, CompleteRun command) => new(
        AttemptOutcomes.Failed,
        RunFactory.CreateError(command),
        run.BackoffLimit ?? 0,
        command.Retryable ?? true,
        command.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null);

    private static AttemptFailure FromLostLease(Run run, ExecutionOptions options)
    {
        var limit = run.BackoffLimit ?? options.LostAttempts;
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"The lease of the worker {run.LeaseOwner} ended (failed attempt {run.FailedAttempts + 1} of {(long)limit + 1}).");
        return new AttemptFailure(AttemptOutcomes.Lost, new RunError { Code = LostCode, Message = message }, limit);
    }

    private static AttemptFailure FromReleases(Run run, ExecutionOptions options) => new(
        AttemptOutcomes.Failed,
        new RunError { Code = ReleasedCode, Message = $"Workers released the run {ReleasesPerFailure} times in a row." },
        run.BackoffLimit ?? options.LostAttempts);

    /// <summary>
    /// The time at which the next attempt may begin; null when none follows, because the failures exceed the limit or
    /// the run's time would be over by then.
    /// </summary>
    public DateTimeOffset? GetRetryTime(Run run, RunMessageContext messageContext)
    {
        var failures = run.FailedAttempts + 1;
        if (!IsRetryable || failures > Limit)
        {
            return null;
        }

        var time = (messageContext.Now + (Delay ?? GetBackoff(run.Id, failures, messageContext.Execution))).TruncateToMilliseconds();
        return time < (run.TimeoutAt ?? RunTimers.GetTimeout(run, messageContext.Now) ?? DateTimeOffset.MaxValue) ? time : null;
    }

    /// <summary>
    /// The delay after <paramref name="failures"/> failures. It doubles each time. The jitter follows from the run and
    /// the number of failures, so that a redelivered message leads to the same time.
    /// </summary>
    public static TimeSpan GetBackoff(Guid runId, int failures, ExecutionOptions options)
    {
        var delay = options.RetryBase.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 60));
        var random = BitConverter.ToUInt32(RunIds.Derive(runId, $"retry/{failures}").ToByteArray(), 0) / (double)uint.MaxValue;
        return TimeSpan.FromMilliseconds(Math.Min(delay, options.RetryCap.TotalMilliseconds) * (1 - Jitter + (2 * Jitter * random)));
    }
}
