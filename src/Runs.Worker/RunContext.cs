using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Runs.Client;
using Runs.Client.Http;
using Runs.Contracts;

namespace Runs.Worker;

/// <summary>
/// An attempt to execute a run, for its handler and for middleware. Its calls name the attempt: when the attempt is
/// lost, they throw <see cref="AttemptLostException"/> and change nothing.
/// </summary>
public abstract class RunContext
{
    private const int MaxCheckpointBytes = 64 * 1024;
    private const int MaxRunIdLength = 128;

    private readonly AttemptEnvironment _environment;
    private readonly ResultWaiter _waiter;
    private RawJson? _checkpoint;

    private protected RunContext(AttemptEnvironment environment)
    {
        _environment = environment;
        _waiter = new ResultWaiter(environment);
        _checkpoint = Claim.WorkerSession?.Metadata;
    }

    /// <summary>The run's id.</summary>
    public string RunId => Claim.RunId;

    /// <summary>The number of the attempt, from 1.</summary>
    public int Attempt => Claim.Attempt;

    /// <summary>The number of earlier attempts that failed or were lost.</summary>
    public int FailedAttempts => Claim.FailedAttempts;

    /// <summary>The number of further attempts after the first failed one; null when the run does not say.</summary>
    public int? BackoffLimit => Claim.BackoffLimit;

    /// <summary>The time at which the server ends the run, by the server's clock; null without a limit.</summary>
    public DateTimeOffset? TimeoutAt => Claim.TimeoutAt;

    /// <summary><see cref="RunKinds"/>.</summary>
    public string Kind => Claim.Kind;

    /// <summary>What the run executes, as <c>kind:id</c>; null for an agent run that has none.</summary>
    public string? Target => Claim.Target;

    /// <summary>The run's name, for people, or null.</summary>
    public string? Name => Claim.Name;

    /// <summary>The project, a UUID, or null.</summary>
    public string? ProjectId => Claim.ProjectId;

    /// <summary>The conversation that the run belongs to, a UUID, or null.</summary>
    public string? ConversationId => Claim.ConversationId;

    /// <summary>The run's input: a JSON object, or null.</summary>
    public RawJson? RawInput => Claim.Input;

    /// <summary>The run's config: a JSON object, or null.</summary>
    public RawJson? RawConfig => Claim.Config;

    /// <summary>The services of the attempt's scope.</summary>
    public IServiceProvider Services => _environment.Services;

    /// <summary>
    /// Cancelled when the worker begins to stop. A hint: finish what is quick, then return a result such as
    /// <see cref="RunResult.Release"/>. The token <c>stop</c> follows after the grace period.
    /// </summary>
    public CancellationToken ShuttingDown => _environment.ShuttingDown;

    /// <summary>Why the token <c>stop</c> is cancelled.</summary>
    public StopReason StopReason => _environment.Attempt.Reason;

    /// <summary>The log of the run, which readers follow.</summary>
    public RunLog Log => _environment.Log;

    private ClaimedRun Claim => _environment.Attempt.Claim;

    /// <summary>Reads the run as the API shows it.</summary>
    public Task<RunResource> ReadRun(CancellationToken cancellationToken) => _environment.Client.Get(RunId, cancellationToken);

    /// <summary>
    /// Appends the progress to the log, as the event <c>CUSTOM</c> with the name <c>runs.progress</c>.
    /// </summary>
    /// <param name="share">The part that is done, from 0 to 1.</param>
    /// <param name="text">What is done, or null.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task Progress(double share, string? text, CancellationToken cancellationToken)
    {
        if (double.IsNaN(share) || share is < 0 or > 1)
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "The share must be from 0 to 1.");
        }

        await Log.Custom("runs.progress", new { share, text }, cancellationToken);
    }

    /// <summary>Returns what this or an earlier attempt saved last; the default value when there is nothing.</summary>
    public T? Checkpoint<T>() => ApiJson.FromRawJson<T>(_checkpoint);

    /// <summary>
    /// Saves what the next attempt continues from. The last call counts. One call at a time.
    /// </summary>
    /// <param name="value">A value that becomes a JSON object of at most 64 KB.</param>
    /// <param name="cancellationToken">Cancels the call; the checkpoint may be saved nevertheless.</param>
    /// <exception cref="ArgumentException">The value is too large, or no JSON object.</exception>
    /// <exception cref="AttemptLostException">The attempt has ended.</exception>
    public async Task SaveCheckpoint<T>(T value, CancellationToken cancellationToken)
    {
        var json = ApiJson.ToRawJson(value);
        if (!json.Text.StartsWith('{'))
        {
            throw new ArgumentException("A checkpoint must be a JSON object.", nameof(value));
        }

        if (Encoding.UTF8.GetByteCount(json.Text) > MaxCheckpointBytes)
        {
            throw new ArgumentException($"A checkpoint has at most {MaxCheckpointBytes / 1024} KB as JSON.", nameof(value));
        }

        // The key links the next attempt's span to this one.
        var key = Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id }
            ? id
            : string.Create(CultureInfo.InvariantCulture, $"attempt-{Attempt}");
        await _environment.Connection.SaveSession(_environment.Attempt, new SessionBody(key, json, Attempt), cancellationToken);
        _checkpoint = json;
    }

    /// <summary>
    /// Creates a child run. The same key is the same child in every attempt, and the child is cancelled with this run.
    /// </summary>
    /// <param name="key">The key, unique in this run.</param>
    /// <param name="run">The child. Its id and its parent are set here.</param>
    /// <param name="cancellationToken">Cancels the call; the child may exist nevertheless.</param>
    public async Task<ChildRun> StartChild(string key, NewRun run, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(run);
        var created = await _environment.Client.Create(
            run with { PublicId = GetChildId(key), ParentRunId = RunId }, cancellationToken);
        return new ChildRun(_environment.Client, created);
    }

    /// <summary>
    /// Waits for the result of a tool call that the client makes. The run keeps its lease and its slot; suspend it with
    /// <see cref="RunResult.WaitTool"/> when the result may take long. The call is made once in a run: a later attempt
    /// gets the same result at once.
    /// </summary>
    /// <param name="callId">The tool call, unique in the run. 1-128 characters.</param>
    /// <param name="name">The tool's name. 1-255 characters.</param>
    /// <param name="within">The time after which the run fails with <c>WAIT_EXPIRED</c>.</param>
    /// <param name="cancellationToken">Cancels the wait of the handler, not that of the run.</param>
    /// <exception cref="ToolCallFailedException">The tool has failed.</exception>
    public Task<T?> AwaitTool<T>(string callId, string name, TimeSpan within, CancellationToken cancellationToken) => AwaitResult<T>(
        new RunWait { Reason = WaitingReasons.Tool, ToolCallId = callId, ToolName = name }, within, cancellationToken);

    /// <summary>
    /// Waits until a form is submitted. The run keeps its lease and its slot; suspend it with
    /// <see cref="RunResult.AskInput"/> when the answer may take long. The form is opened once in a run.
    /// </summary>
    /// <param name="callId">The tool call, unique in the run. 1-128 characters.</param>
    /// <param name="form">The form; <see cref="Client.Form"/> has common ones.</param>
    /// <param name="within">The time after which the run fails with <c>WAIT_EXPIRED</c>.</param>
    /// <param name="cancellationToken">Cancels the wait of the handler, not that of the run.</param>
    /// <returns>The submitted values.</returns>
    /// <exception cref="ToolCallFailedException">The form was closed without values.</exception>
    public Task<T?> AwaitInput<T>(string callId, InputForm form, TimeSpan within, CancellationToken cancellationToken) => AwaitResult<T>(
        new RunWait { Reason = WaitingReasons.Input, ToolCallId = callId, InputRequest = form }, within, cancellationToken);

    /// <summary>
    /// Returns what a suspended run was resumed with, or the result of an earlier tool call; the default value when
    /// there is none.
    /// </summary>
    /// <param name="callId">The id that the run waited with.</param>
    /// <exception cref="ToolCallFailedException">The tool has failed, or the form was closed without
    /// values.</exception>
    public T? Answer<T>(string callId) => Find(callId) is { } result ? Read<T>(result) : default;

    private async Task<T?> AwaitResult<T>(RunWait wait, TimeSpan within, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(within, TimeSpan.Zero);
        return Read<T>(Find(wait.ToolCallId!) ?? await _waiter.Wait(wait, within, cancellationToken));
    }

    private RecordedToolResult? Find(string callId) =>
        _environment.Attempt.Results.LastOrDefault(result => result.ToolCallId == callId);

    private static T? Read<T>(RecordedToolResult result) =>
        result.IsError ? throw new ToolCallFailedException(result.ToolCallId!, result.Result) : ApiJson.FromRawJson<T>(result.Result);

    // The id of a grandchild also fits.
    private string GetChildId(string key)
    {
        var parent = RunId.Length <= MaxRunIdLength / 2 ? RunId : $"run_{Hash(RunId)}";
        return $"{parent}.{Hash(key)}";
    }

    private static string Hash(string text) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 12)).ToLowerInvariant();
}
