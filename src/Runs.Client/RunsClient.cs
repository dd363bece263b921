using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Runs.Client.Http;
using Runs.Contracts;

namespace Runs.Client;

/// <summary>
/// The client of a Runs server. Thread-safe; register it with
/// <see cref="RunsClientServiceCollectionExtensions.AddRunsClient"/>. Transient failures are retried for up to 60
/// seconds; every failure is a <see cref="RunsException"/>. A call that is cancelled by its token throws
/// <see cref="OperationCanceledException"/>, and may have had its effect.
/// </summary>
public sealed class RunsClient
{
    // The server holds a long poll for 60 seconds at most.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    private readonly IOptions<RunsClientOptions> _options;
    private readonly TimeProvider _clock;

    internal RunsClient(ApiTransport transport, IOptions<RunsClientOptions> options, TimeProvider clock)
    {
        Transport = transport;
        _options = options;
        _clock = clock;
        Inputs = new InputRequests(transport);
        Schedules = new Schedules(transport, GetProject);
    }

    /// <summary>The forms that runs wait for.</summary>
    public InputRequests Inputs { get; }

    /// <summary>The schedules of the project.</summary>
    public Schedules Schedules { get; }

    internal ApiTransport Transport { get; }

    internal string Project => GetProject();

    /// <summary>
    /// Creates a run. Without <see cref="NewRun.PublicId"/>, the client generates an id, so that every retry creates
    /// the same run.
    /// </summary>
    /// <param name="run">The run. Without an owner it belongs to the project of the options.</param>
    /// <param name="cancellationToken">Cancels the call; the run may exist nevertheless.</param>
    /// <returns>The stored run: the new one, or the existing one with this id.</returns>
    /// <exception cref="RunConflictException">The id belongs to a run of another kind or owner.</exception>
    /// <exception cref="RunsUnavailableException">The server does not answer. Repeat the call with the same
    /// id.</exception>
    public Task<CreatedRun> Create(NewRun run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var body = run.ToBody(() => new Owner { Kind = OwnerKinds.Project, Id = GetProject() });
        return Transport.Send<CreatedRun>(
            new ApiRequest(HttpMethod.Post, "/runs") { Body = body, RunId = body.PublicId }, cancellationToken);
    }

    /// <summary>Reads a run.</summary>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public Task<RunResource> Get(string runId, CancellationToken cancellationToken = default) =>
        Transport.Send<RunResource>(new ApiRequest(HttpMethod.Get, GetPath(runId)) { RunId = runId }, cancellationToken);

    /// <summary>Waits until a run has ended, with long polls.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="timeout">
    /// The maximum duration of the wait; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait, not the run.</param>
    /// <returns>The run, with its outcome.</returns>
    /// <exception cref="TimeoutException">The run has not ended within <paramref name="timeout"/>.</exception>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public async Task<RunResource> WaitForEnd(string runId, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        using var deadline = new CancellationTokenSource(timeout, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var started = _clock.GetTimestamp();
        try
        {
            while (true)
            {
                var wait = GetWait(timeout, _clock.GetElapsedTime(started));
                var query = string.Create(CultureInfo.InvariantCulture, $"?wait={wait.TotalSeconds:0}");
                var run = await Transport.Send<RunResource>(
                    new ApiRequest(HttpMethod.Get, GetPath(runId, query)) { RunId = runId, Wait = wait }, both.Token);
                if (RunStatuses.IsTerminal(run.Status))
                {
                    return run;
                }

                both.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The run {runId} has not ended within {timeout}.", exception);
        }
    }

    /// <summary>Lists the runs of a project, newest first. Reads page after page while the caller enumerates.</summary>
    /// <param name="filter">Which runs; all of the project of the options when null.</param>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    public async IAsyncEnumerable<RunResource> List(
        RunFilter? filter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        filter ??= new RunFilter();
        var project = filter.Project ?? GetProject();
        var pages = Pages.Read<RunResource>(
            Transport,
            $"/projects/{Uri.EscapeDataString(project)}/runs",
            [("kind", filter.Kind), ("status", filter.Status)],
            filter.PageSize,
            cancellationToken);
        await foreach (var run in pages)
        {
            yield return run;
        }
    }

    /// <summary>Lists the last 50 attempts of a run, oldest first.</summary>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public async Task<IReadOnlyList<RunAttempt>> Attempts(string runId, CancellationToken cancellationToken = default) =>
        (await Transport.Send<DataResponse<RunAttempt>>(
            new ApiRequest(HttpMethod.Get, GetPath(runId, "/attempts")) { RunId = runId }, cancellationToken)).Data;

    /// <summary>
    /// Follows the log of a run: the stored events, then each new one, until the run has ended. A connection that
    /// breaks is opened again after the last event: no event is missing, and none is repeated. Memory holds one event
    /// at a time.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="after">The id of the last event that the caller has; 0 for the whole log.</param>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public IAsyncEnumerable<RunEvent> Follow(string runId, long after = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        return new EventStream(Transport, _clock).Read(
            new ApiRequest(HttpMethod.Get, GetPath(runId, "/stream")) { RunId = runId, Wait = TimeSpan.Zero }, after, cancellationToken);
    }

    /// <summary>
    /// Appends events to the log of a run: all of them, or none. The first append starts a pending run.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="events">1-100 objects, each with a <c>type</c>.</param>
    /// <param name="expected">
    /// The end of the log that the caller expects. With it, a retry is stored once; without it, a call is retried only
    /// if the server says that it did nothing.
    /// </param>
    /// <param name="cancellationToken">Cancels the call; the events may be stored nevertheless.</param>
    /// <exception cref="RunsException">The end of the log is another one (<c>EVENT_CURSOR_MISMATCH</c>), the run waits
    /// (<c>RUN_WAITING</c>) or has ended (<c>RUN_NOT_ACTIVE</c>), or an event is invalid.</exception>
    /// <exception cref="AttemptLostException">The attempt that the caller names has ended.</exception>
    public Task<AppendResult> Append(
        string runId,
        IReadOnlyList<JsonObject> events,
        AppendExpectation? expected = null,
        CancellationToken cancellationToken = default)
    {
        var body = new AppendBody(events, expected?.PreviousEventId, expected?.PreviousExternalEventSequence, expected?.Attempt);
        return Transport.Send<AppendResult>(
            new ApiRequest(HttpMethod.Post, GetPath(runId, "/events"))
            {
                Body = body,
                RunId = runId,
                IsIdempotent = body.ExpectedPreviousEventId is not null || body.ExpectedPreviousExternalEventSequence is not null,
            },
            cancellationToken);
    }

    /// <summary>Cancels a run and its descendants. A run that has ended is unchanged.</summary>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public Task<CancelResult> Cancel(string runId, CancellationToken cancellationToken = default) =>
        Transport.Send<CancelResult>(new ApiRequest(HttpMethod.Post, GetPath(runId, "/cancel")) { RunId = runId }, cancellationToken);

    /// <summary>
    /// Reports the outcome of a run. The first outcome is final; a failure that names its attempt may be retried.
    /// </summary>
    /// <exception cref="AttemptLostException">The attempt that the outcome names has ended.</exception>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public Task<CompleteResult> Complete(string runId, Outcome outcome, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return Transport.Send<CompleteResult>(
            new ApiRequest(HttpMethod.Post, GetPath(runId, "/complete")) { Body = outcome.ToBody(), RunId = runId }, cancellationToken);
    }

    /// <summary>Makes a run wait for a result, an approval, an event or an input.</summary>
    /// <exception cref="AttemptLostException">The attempt that the wait names has ended.</exception>
    /// <exception cref="RunConflictException">The run waits for something else, or has ended.</exception>
    public Task<WaitResult> Wait(string runId, RunWait wait, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wait);
        return Transport.Send<WaitResult>(
            new ApiRequest(HttpMethod.Post, GetPath(runId, "/wait"))
            {
                Body = wait,
                RunId = runId,
                IsIdempotent = wait.ToolCallId is not null, // without it, a repeat may be a new wait
            },
            cancellationToken);
    }

    /// <summary>Resumes a run that waits for a tool call with its result.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="toolCallId">The tool call. 1-128 characters.</param>
    /// <param name="result">Any value; at most 64 KiB as JSON.</param>
    /// <param name="isError">Whether the tool failed.</param>
    /// <param name="cancellationToken">Cancels the call; the run may be resumed nevertheless.</param>
    /// <exception cref="RunConflictException">The run does not wait for this tool call
    /// (<c>TOOL_RESULT_NOT_WAITING</c>), has another result of it (<c>TOOL_RESULT_CONFLICT</c>), or has
    /// ended.</exception>
    public Task<ResumeResult> Resume(
        string runId, string toolCallId, object? result, bool isError = false, CancellationToken cancellationToken = default) =>
        Transport.Send<ResumeResult>(
            new ApiRequest(HttpMethod.Post, GetPath(runId, "/resume"))
            {
                Body = new ResumeBody("tool_result", toolCallId, ApiJson.ToRawJson(result), isError),
                RunId = runId,
            },
            cancellationToken);

    private static string GetPath(string runId, string rest = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        return $"/runs/{Uri.EscapeDataString(runId)}{rest}";
    }

    // Whole seconds, at least one.
    private static TimeSpan GetWait(TimeSpan timeout, TimeSpan elapsed)
    {
        var remaining = timeout == Timeout.InfiniteTimeSpan ? MaxWait : timeout - elapsed;
        return TimeSpan.FromSeconds(Math.Ceiling(Math.Clamp(remaining.TotalSeconds, 1, MaxWait.TotalSeconds)));
    }

    private string GetProject() => _options.Value.Project
        ?? throw new InvalidOperationException("This call needs a project: set RUNS_PROJECT or RunsClientOptions.Project.");
}
