using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Commands;

/// <summary>
/// Sends commands to the saga and returns its replies. Applies its own timeout, because MassTransit waits indefinitely
/// for an unavailable broker, and rejects commands above the concurrency limit instead of queueing them.
/// </summary>
internal sealed partial class RunCommandClient(
    CommandChannel channel,
    BusConnectivity bus,
    RequestLimits limits,
    StoreAvailability availability,
    JsonBodyReader bodyReader,
    IRunStore store,
    IOptions<ApiOptions> options,
    ApiMetrics metrics,
    ILogger<RunCommandClient> logger)
{
    /// <summary>How long the client waits for a reply.</summary>
    public TimeSpan ReplyTimeout => options.Value.ReplyTimeout;

    /// <summary>
    /// Sends <paramref name="command"/> in a batch with those of other callers. Commands never expire in the broker.
    /// </summary>
    public async Task<Result<CommandReply>> Send<T>(T command, string tenant, string runId, CancellationToken cancellationToken)
        where T : class
    {
        if (CheckAvailability(runId) is { } unavailable)
        {
            return unavailable;
        }

        using var permit = limits.Commands.Acquire(tenant);
        return permit.ToProblem() is { } limited ? limited : await SendUnderPermit(command, tenant, runId, cancellationToken);
    }

    /// <summary>
    /// Sends a claim as <see cref="Send"/> does, but under a permit of <see cref="RequestLimits.Claims"/>, for which it
    /// queues: claims do not take the permits of creates.
    /// </summary>
    public async Task<Result<CommandReply>> SendClaim(ClaimRun command)
    {
        if (CheckAvailability(command.RunId) is { } unavailable)
        {
            return unavailable;
        }

        using var permit = await limits.Claims.AcquireQueued(command.Tenant, CancellationToken.None);
        return permit.ToProblem("concurrent claims") is { } limited
            ? limited
            : await SendUnderPermit(command, command.Tenant, command.RunId, CancellationToken.None);
    }

    private async Task<Result<CommandReply>> SendUnderPermit<T>(T command, string tenant, string runId, CancellationToken cancellationToken)
        where T : class
    {
        var started = Stopwatch.GetTimestamp();
        var outcome = "unknown";
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(ReplyTimeout);
        try
        {
            switch (await channel.Send(command, deadline.Token))
            {
                case RunSnapshot run:
                    outcome = run.Changed ? "changed" : "unchanged";
                    return new CommandReply(await RestoreOmittedMembers(run, tenant, deadline.Token), Stopwatch.GetElapsedTime(started));
                case RunRejected rejection:
                    outcome = "rejected";
                    return Problems.FromRejection(rejection);
                default:
                    throw new UnreachableException();
            }
        }
        catch (Exception exception) when (
            exception is OperationCanceledException or CommandNotConfirmedException or CommandFailedException or MessageTooLargeException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            LogRequestFailed(exception, typeof(T).Name, runId);
            outcome = exception is MessageTooLargeException or CommandNotConfirmedException ? "not_sent" : outcome;
            return exception switch
            {
                MessageTooLargeException => Problems.MessageTooLarge(),
                CommandNotConfirmedException => Problems.NotDispatched(runId),
                _ when command is CreateRun { ExpiresAt: not null } => Problems.OutcomeUnknownForGeneratedId(runId, exception),
                _ => Problems.OutcomeUnknown(runId, exception),
            };
        }
        finally
        {
            metrics.RecordCommand(typeof(T), outcome, Stopwatch.GetElapsedTime(started));
        }
    }

    /// <summary>Reads a command from a body, for the run that a path identifies, and sends it.</summary>
    public async Task<Result<(T Command, RunSnapshot Reply)>> SendFromBody<T>(
        HttpRequest request,
        Caller caller,
        RunRoute route,
        Func<JsonObjectReader, string, T> parse,
        Func<T, IReadOnlyList<ValidationError>> validate,
        CancellationToken cancellationToken)
        where T : class
    {
        if (!route.TryGetRunId(out var runId))
        {
            return Problems.RunNotFound();
        }

        var command = await bodyReader.ReadCommand(request, body => parse(body, runId), validate, cancellationToken);
        if (!command.IsSuccess)
        {
            return command.Problem;
        }

        // Not left to the saga: the run may have been lost, and claimed without a fence, since the worker was
        // authorized.
        if (caller.MustNameAttempt && command.Value is CompleteRun { Attempt: null } or WaitRun { Attempt: null })
        {
            return Problems.AttemptRequired();
        }

        var reply = await Send(command.Value, caller.Tenant, runId, cancellationToken);
        return reply.IsSuccess ? (command.Value, reply.Value.Snapshot) : reply.Problem;
    }

    // Waiting for the store or the broker would hold the caller until the deadline, with an unknown outcome.
    private ProblemHttpResult? CheckAvailability(string runId)
    {
        if (!availability.IsAvailable)
        {
            return Problems.StoreNotWritable(runId);
        }

        if (!bus.IsConnected)
        {
            return Problems.BrokerUnavailable(runId);
        }

        return bus.IsBlocked ? Problems.BrokerBlocked(runId) : null;
    }

    private async Task<RunSnapshot> RestoreOmittedMembers(RunSnapshot snapshot, string tenant, CancellationToken cancellationToken)
    {
        if (snapshot.Omitted is null)
        {
            return snapshot;
        }

        var run = await store.FindAfterWrite(RunIds.ForRun(tenant, snapshot.Run.RunId), cancellationToken);
        return LargeMembers.Restore(snapshot, run.ToResource());
    }

    [LoggerMessage(LogLevel.Warning, "{Command} for run {RunId} failed or timed out")]
    private partial void LogRequestFailed(Exception exception, string command, string runId);
}
