using System.Diagnostics;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Commands;

/// <summary>
/// Asks the saga to do something and waits for its answer, within bounds of our own: the bus itself would wait for an absent broker as long as it
/// is away. The number of commands at a time is limited; more are rejected at once and not queued.
/// </summary>
internal sealed partial class RunCommandClient(
    IClientFactory clients, BusConnectivity bus, RequestLimits limits, StoreAvailability availability, IRunStore store, IOptions<ApiOptions> options, ILogger<RunCommandClient> logger)
{
    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan ReplyTimeout => options.Value.ReplyTimeout;

    /// <summary>Sends <paramref name="command"/>: one message out, one back. Commands never expire in the broker.</summary>
    /// <returns>The run after the command, or the problem to answer with.</returns>
    public async Task<CommandResult> Send<T>(T command, string tenant, string runId, CancellationToken cancellationToken)
        where T : class
    {
        if (CheckAvailability(runId) is { } unsendable)
        {
            return new CommandResult(unsendable);
        }

        using var permit = limits.Commands.Acquire(tenant);
        if (permit.ToProblem() is { } limited)
        {
            return new CommandResult(limited);
        }

        var started = Stopwatch.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(ReplyTimeout);
        try
        {
            // Waiting for the deadline beside the bus, too: some of its waits for a broker that does not answer know no token.
            Response reply = await Request(command, deadline.Token).WaitAsync(deadline.Token);
            return reply switch
            {
                (_, RunSnapshot run) => new CommandResult(await RestoreOmittedMembers(run, tenant, deadline.Token), Stopwatch.GetElapsedTime(started)),
                (_, RunRejected refusal) => new CommandResult(Problems.FromRejection(refusal)),
                _ => throw new UnreachableException(),
            };
        }
        catch (Exception exception) when (exception is OperationCanceledException or RequestException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            LogRequestFailed(typeof(T).Name, runId, exception);
            return new CommandResult(exception switch
            {
                RequestException { InnerException: MessageTooLargeException } => Problems.MessageTooLarge(),
                RequestException and not (RequestTimeoutException or RequestFaultException) => Problems.NotDispatched(runId),
                _ when command is CreateRun { ExpiresAt: not null } => Problems.OutcomeUnknownForGeneratedId(runId),
                _ => Problems.OutcomeUnknown(runId),
            });
        }
    }

    /// <summary>Reads from a body a command on the run that a path names, and sends it. What is wrong with either is the problem to answer with.</summary>
    public async Task<(T? Command, CommandResult Result)> SendFromBody<T>(
        HttpRequest request, Caller caller, RunRoute route, Func<JsonElement, string, (T Command, List<ValidationError> Errors)> parse, Func<T, IReadOnlyList<ValidationError>> validate,
        CancellationToken cancellationToken)
        where T : class
    {
        if (!route.TryGetRunId(out var runId))
        {
            return (null, new CommandResult(Problems.RunNotFound()));
        }

        var (command, problem) = await JsonBodyReader.ReadCommand(request, body => parse(body, runId), validate, cancellationToken);
        return command is null ? (null, new CommandResult(problem!)) : (command, await Send(command, caller.Tenant, runId, cancellationToken));
    }

    // To wait for the store or the broker would hold the caller until the deadline, for an outcome that is then unknown.
    private ProblemHttpResult? CheckAvailability(string runId) =>
        !availability.IsAvailable ? Problems.StoreNotWritable(runId)
        : !bus.IsConnected ? Problems.BrokerUnavailable(runId)
        : bus.IsBlocked ? Problems.BrokerBlocked(runId)
        : null;

    private async Task<RunSnapshot> RestoreOmittedMembers(RunSnapshot snapshot, string tenant, CancellationToken cancellationToken) =>
        snapshot.Omitted is null
            ? snapshot
            : LargeMembers.Restore(snapshot, (await store.FindAfterWrite(RunIds.ForRun(tenant, snapshot.Run.RunId), cancellationToken)).ToResource());

    private async Task<Response> Request<T>(T command, CancellationToken cancellationToken)
        where T : class =>
        await clients.CreateRequestClient<T>(CommandQueue.Address).GetResponse<RunSnapshot, RunRejected>(
            command,
            request => request.UseExecute(context => context.TimeToLive = null), // a request would expire in the broker after half a minute
            cancellationToken);

    [LoggerMessage(LogLevel.Warning, "{Command} for run {RunId} was not answered")]
    private partial void LogRequestFailed(string command, string runId, Exception exception);
}

/// <summary>What came of a command: a snapshot, or a problem.</summary>
internal readonly record struct CommandResult(RunSnapshot? Snapshot, TimeSpan Elapsed, ProblemHttpResult? Problem)
{
    public CommandResult(RunSnapshot run, TimeSpan total)
        : this(run, total, null)
    {
    }

    public CommandResult(ProblemHttpResult problem)
        : this(null, default, problem)
    {
    }

    /// <summary>The hops of the answer as <c>Server-Timing</c>: waiting in the broker, deciding, storing, and all together, in milliseconds.</summary>
    public string ServerTiming => Snapshot is not { } run ? "" : string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"queue;dur={Math.Max(0, Elapsed.TotalMilliseconds - run.SagaMs):0.00}, saga;dur={run.SagaMs - run.StoreMs:0.00}, store;dur={run.StoreMs:0.00}, total;dur={Elapsed.TotalMilliseconds:0.00}");
}
