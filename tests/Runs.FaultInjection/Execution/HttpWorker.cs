using System.Globalization;
using System.Text.Json.Nodes;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Execution;

/// <summary>
/// A worker that is registered over HTTP, and its calls as any HTTP client can make them. Nothing is retried or renewed
/// unless the caller does it.
/// </summary>
internal sealed class HttpWorker
{
    private readonly Experiment _experiment;
    private readonly RecordingHttpClient _http;
    private readonly string _id;
    private readonly string _token;

    private HttpWorker(Experiment experiment, RecordingHttpClient http, string key, string id, string token)
    {
        (_experiment, _http, Key, _id, _token) = (experiment, http, key, id, token);
        InstanceId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
    }

    /// <summary>The key of the worker, which is its name in the history.</summary>
    public string Key { get; }

    /// <summary>Identifies this process in claims and heartbeats.</summary>
    public string InstanceId { get; }

    /// <summary>Whether the server requires that the worker's writes name the attempt.</summary>
    public bool IsFenced { get; init; } = true;

    public int LeaseSeconds { get; init; } = 15;

    /// <summary>Registers a worker of the project.</summary>
    /// <param name="context">The scenario.</param>
    /// <param name="key">The key.</param>
    /// <param name="target">The target that it executes.</param>
    /// <param name="leaseSeconds">The duration of its leases.</param>
    /// <param name="isFenced">Whether its writes must name the attempt.</param>
    public static async Task<HttpWorker> Register(
        ScenarioContext context,
        string key,
        string target,
        int leaseSeconds = 15,
        bool isFenced = true)
    {
        var body = new JsonObject
        {
            ["implementation_kind"] = "torture",
            ["worker_key"] = key,
            ["targets"] = new JsonArray(target),
        };
        var path = $"/agent-workers/projects/{context.Experiment.ProjectId}/workers";
        for (var attempt = 1; ; attempt++)
        {
            var result = await context.Http.SendOnce(
                new HttpCall(ExecutionCalls.Register, HttpMethod.Post, path, body.ToJsonString()) { Worker = key }, attempt: attempt);
            if (result.Status == 201)
            {
                var id = result.Body.GetProperty("worker").GetProperty("id").GetString()!;
                var token = result.Body.GetProperty("token").GetString()!;
                return new HttpWorker(context.Experiment, context.Http, key, id, token)
                {
                    LeaseSeconds = leaseSeconds,
                    IsFenced = isFenced,
                };
            }

            if (!result.IsTransientFailure)
            {
                throw new InvalidOperationException($"The worker {key} was not registered: {result.Status} {result.Body}");
            }

            await context.Experiment.DelayBeforeRetry(attempt);
        }
    }

    /// <summary>Claims a run, once.</summary>
    /// <param name="wait">How long the server waits for a run.</param>
    /// <param name="server">The index of the server; null for any.</param>
    public Task<HttpResult> Claim(TimeSpan wait, int? server = null)
    {
        var body = new JsonObject
        {
            ["lease_duration_seconds"] = LeaseSeconds,
            ["wait_seconds"] = (int)wait.TotalSeconds,
            ["headless"] = true,
            ["fenced"] = IsFenced,
            ["instance_id"] = InstanceId,
        };
        return SendOnce(CreateCall(ExecutionCalls.Claim, HttpMethod.Post, "claim", body) with { Wait = wait }, server: server);
    }

    /// <summary>Sends a heartbeat that renews the leases of the attempts, once.</summary>
    public async Task<HttpResult> SendHeartbeat(IReadOnlyList<ClaimedAttempt> attempts)
    {
        var body = new JsonObject
        {
            ["lease_duration_seconds"] = LeaseSeconds,
            ["instance_id"] = InstanceId,
            ["runs"] = new JsonArray([.. attempts.Select(attempt =>
                new JsonObject { ["run_id"] = attempt.RunId, ["attempt"] = attempt.Number })]),
        };
        var result = await SendOnce(CreateCall(ExecutionCalls.Heartbeat, HttpMethod.Post, "heartbeat", body));
        if (result.Status != 200)
        {
            return result;
        }

        var byRun = attempts.ToDictionary(attempt => attempt.RunId);
        foreach (var run in ExecutionCalls.ReadRuns(result.Body))
        {
            var isHeld = run.GetProperty("lease_expires_at").ValueKind != System.Text.Json.JsonValueKind.Null;
            byRun[run.GetProperty("run_id").GetString()!].RecordRenewal(isHeld, run.GetProperty("status").GetString(), result.Start);
        }

        return result;
    }

    /// <summary>Renews one lease.</summary>
    public Task<HttpResult> Renew(ClaimedAttempt attempt) => SendWithRetry(CreateCall(
        ExecutionCalls.Renewal,
        HttpMethod.Post,
        $"runs/{attempt.RunId}/lease",
        new JsonObject { ["lease_duration_seconds"] = LeaseSeconds, ["attempt"] = attempt.Number }));

    /// <summary>Gives a run back.</summary>
    public Task<HttpResult> Release(ClaimedAttempt attempt, string reason) => SendWithRetry(CreateCall(
        ExecutionCalls.Release,
        HttpMethod.Delete,
        $"runs/{attempt.RunId}/lease",
        new JsonObject { ["attempt"] = attempt.Number, ["reason"] = reason }));

    /// <summary>Stores how far the attempt is.</summary>
    public Task<HttpResult> SaveSession(ClaimedAttempt attempt) => SendWithRetry(CreateCall(
        ExecutionCalls.Session,
        HttpMethod.Put,
        $"runs/{attempt.RunId}/session",
        new JsonObject
        {
            ["session_key"] = $"attempt-{attempt.Number}",
            ["status"] = "active",
            ["attempt"] = attempt.Number,
            ["metadata"] = new JsonObject { ["events"] = attempt.EventCount },
        }));

    /// <summary>Appends events that name their attempt: <c>run/a2/0</c>.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="count">The number of events.</param>
    /// <param name="namesAttempt">Whether the call names the attempt, as a published client does not.</param>
    public async Task<HttpResult> Append(ClaimedAttempt attempt, int count, bool namesAttempt = true)
    {
        var names = Enumerable.Range(attempt.EventCount, count).Select(index => EventNames.Create(attempt.RunId, attempt.Number, index));
        var events = names.ToList();
        attempt.EventCount += count;
        var body = new JsonObject
        {
            ["attempt"] = namesAttempt ? attempt.Number : null,
            ["expected_previous_external_event_sequence"] = attempt.ExternalSequence,
            ["events"] = new JsonArray([.. events.Select(name => new JsonObject { ["type"] = "CUSTOM", ["name"] = name })]),
        };
        var result = await SendWithRetry(CreateRunCall(ExecutionCalls.Append, attempt, "events", body));
        if (result.Status == 200)
        {
            attempt.ExternalSequence += count;
            _experiment.TrackRun(attempt.RunId, null).RecordAppended(events);
        }

        return result;
    }

    /// <summary>Waits for the result of <see cref="ClaimedAttempt.ToolCallId"/>.</summary>
    public Task<HttpResult> Wait(ClaimedAttempt attempt, bool release) => SendWithRetry(CreateRunCall(
        ExecutionCalls.Wait,
        attempt,
        "wait",
        new JsonObject
        {
            ["reason"] = "tool",
            ["tool_call_id"] = attempt.ToolCallId,
            ["attempt"] = attempt.Number,
            ["release"] = release,
        }));

    /// <summary>Reports the outcome. Its output or its message names the attempt.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="status">The outcome.</param>
    /// <param name="retryable">Whether a failure may be retried.</param>
    public async Task<HttpResult> Complete(
        ClaimedAttempt attempt,
        string status,
        bool retryable = true)
    {
        var result = await SendWithRetry(CreateComplete(attempt, status, retryable));
        if (result.Status == 200 && result.RunAttempt == attempt.Number && Checking.StatusTransitions.IsFinal(result.RunStatus))
        {
            _experiment.TrackRun(attempt.RunId, null).RecordOutcome(result.RunStatus!, byThisCall: false);
        }

        return result;
    }

    /// <summary>Completes the run as a published client does: the call has the status only.</summary>
    public Task<HttpResult> CompleteWithoutAttempt(ClaimedAttempt attempt, bool useWorkerToken) => SendWithRetry(
        CreateRunCall(ExecutionCalls.Complete, attempt, "complete", new JsonObject { ["status"] = "completed" }) with
        {
            Token = useWorkerToken ? _token : null,
        });

    /// <summary>The call of <see cref="Complete"/>, for a scenario that sends it itself.</summary>
    public HttpCall CreateComplete(ClaimedAttempt attempt, string status, bool retryable)
    {
        var body = new JsonObject { ["status"] = status, ["attempt"] = attempt.Number };
        if (status == "failed")
        {
            (body["retryable"], body["retry_after_seconds"]) = (retryable, 0);
            (body["terminal_error_code"], body["terminal_error_message"]) = ("TORTURE", EventNames.FormatAttempt(attempt.Number));
        }
        else
        {
            body["output"] = new JsonObject { ["attempt"] = attempt.Number };
        }

        return CreateRunCall(ExecutionCalls.Complete, attempt, "complete", body);
    }

    public Task<HttpResult> SendOnce(HttpCall call, int attempt = 1, int? server = null, double? firstStart = null) =>
        _http.SendOnce(call, null, attempt, server, firstStart);

    /// <summary>Sends a call until there is a response that is not transient.</summary>
    public async Task<HttpResult> SendWithRetry(HttpCall call)
    {
        double? firstStart = null;
        for (var attempt = 1; ; attempt++)
        {
            var result = await SendOnce(call, attempt, firstStart: firstStart);
            if (!result.IsTransientFailure)
            {
                return result;
            }

            firstStart ??= result.Start;
            await _experiment.DelayBeforeRetry(attempt);
        }
    }

    private HttpCall CreateCall(string name, HttpMethod method, string path, JsonObject body) =>
        new(name, method, string.Create(CultureInfo.InvariantCulture, $"/agent-workers/workers/{_id}/{path}"), body.ToJsonString())
        {
            Token = _token,
            Worker = Key,
        };

    // Every other attempt uses the API key, as the published worker client does for these calls.
    private HttpCall CreateRunCall(string name, ClaimedAttempt attempt, string path, JsonObject body) =>
        new(name, HttpMethod.Post, $"/runs/{attempt.RunId}/{path}", body.ToJsonString())
        {
            Token = attempt.Number % 2 == 0 && IsFenced ? _token : null,
            Worker = Key,
        };
}
