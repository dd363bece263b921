using System.Diagnostics;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Api.RateLimiting;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api;

/// <summary>
/// Asks the saga to do something and waits for its answer, within bounds of our own: the bus itself would wait for an absent broker as long as it
/// is away. The number of commands at a time is limited; more are rejected at once and not queued.
/// </summary>
internal sealed partial class RunCommands(
    IClientFactory clients, BusConnectivity bus, RequestLimits limits, StoreAvailability availability, IRunStore store, IOptions<ApiOptions> options, ILogger<RunCommands> logger)
{
    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan ReplyTimeout => options.Value.ReplyTimeout;

    /// <summary>Sends <paramref name="command"/>: one message out, one back. Commands never expire in the broker.</summary>
    /// <returns>The run after the command, or the problem to answer with.</returns>
    public async Task<CommandResult> Send<T>(T command, string tenant, string runId, CancellationToken aborted)
        where T : class
    {
        if (WhyNotSent(runId) is { } unsendable)
        {
            return new CommandResult(unsendable);
        }

        using var permit = limits.Commands.Acquire(tenant);
        if (permit.Problem() is { } limited)
        {
            return new CommandResult(limited);
        }

        var started = Stopwatch.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        deadline.CancelAfter(ReplyTimeout);
        try
        {
            // Waiting for the deadline beside the bus, too: some of its waits for a broker that does not answer know no token.
            Response reply = await Ask(command, deadline.Token).WaitAsync(deadline.Token);
            return reply switch
            {
                (_, RunSnapshot run) => new CommandResult(await Complete(run, tenant, deadline.Token), Stopwatch.GetElapsedTime(started)),
                (_, RunRefused refusal) => new CommandResult(Problems.Refused(refusal)),
                _ => throw new UnreachableException(),
            };
        }
        catch (Exception trouble) when (trouble is OperationCanceledException or RequestException)
        {
            aborted.ThrowIfCancellationRequested();
            LogNoAnswer(typeof(T).Name, runId, trouble);
            return new CommandResult(trouble switch
            {
                RequestException { InnerException: MessageTooLargeException } => Problems.TooLargeForTheBroker(),
                RequestException and not (RequestTimeoutException or RequestFaultException) => Problems.NotHandedOn(runId),
                _ when command is CreateRun { ExpiresAt: not null } => Problems.AnonymousOutcomeUnknown(runId),
                _ => Problems.OutcomeUnknown(runId),
            });
        }
    }

    /// <summary>Reads from a body a command on the run that a path names, and sends it. What is wrong with either is the problem to answer with.</summary>
    public async Task<(T? Command, CommandResult Result)> SendBody<T>(
        HttpRequest request, Caller caller, RunPath path, Func<JsonElement, string, (T Command, List<InvalidMember> Errors)> read, Func<T, IReadOnlyList<InvalidMember>> check,
        CancellationToken aborted)
        where T : class
    {
        if (!path.TryRunId(out var runId))
        {
            return (null, new CommandResult(Problems.RunNotFound()));
        }

        var (command, problem) = await JsonBody.ReadCommand(request, body => read(body, runId), check, aborted);
        return command is null ? (null, new CommandResult(problem!)) : (command, await Send(command, caller.Tenant, runId, aborted));
    }

    // To wait for the store or the broker would hold the caller until the deadline, for an outcome that is then unknown.
    private ProblemHttpResult? WhyNotSent(string runId) =>
        !availability.IsAvailable ? Problems.NothingStored(runId)
        : !bus.IsConnected ? Problems.BrokerUnavailable(runId)
        : bus.IsBlocked ? Problems.BrokerBlocked(runId)
        : null;

    private async Task<RunSnapshot> Complete(RunSnapshot answer, string tenant, CancellationToken cancellationToken) =>
        answer.Omitted is null
            ? answer
            : LargeMembers.Restore(answer, (await store.FindAfterWrite(RunKey.Of(tenant, answer.Run.RunId), cancellationToken)).ToResource());

    private async Task<Response> Ask<T>(T command, CancellationToken cancellationToken)
        where T : class =>
        await clients.CreateRequestClient<T>(RequestLane.Address).GetResponse<RunSnapshot, RunRefused>(
            command,
            request => request.UseExecute(context => context.TimeToLive = null), // a request would expire in the broker after half a minute
            cancellationToken);

    [LoggerMessage(LogLevel.Warning, "{Command} for run {RunId} was not answered")]
    private partial void LogNoAnswer(string command, string runId, Exception trouble);
}

/// <summary>What came of a command: a snapshot, or a problem.</summary>
internal readonly record struct CommandResult(RunSnapshot? Run, TimeSpan Total, ProblemHttpResult? Problem)
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
    public string ServerTiming => Run is not { } run ? "" : string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"queue;dur={Math.Max(0, Total.TotalMilliseconds - run.SagaMs):0.00}, saga;dur={run.SagaMs - run.StoreMs:0.00}, store;dur={run.StoreMs:0.00}, total;dur={Total.TotalMilliseconds:0.00}");
}
