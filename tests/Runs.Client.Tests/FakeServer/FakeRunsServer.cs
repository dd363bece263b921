using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Runs.Client.Tests;

/// <summary>
/// The calls of a worker, over HTTP in the process: leases, attempts, cancels, and heartbeats and claims that are long
/// polls. Time is that of the test. It stores what a worker did, and rejects what its attempt does not allow.
/// </summary>
internal sealed class FakeRunsServer : IAsyncDisposable
{
    public const string ApiKey = "vf_test_secret";
    public const string Project = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";

    private readonly Lock _lock = new();
    private readonly WebApplication _app;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, FakeRun> _runs = [];
    private int _pendingHeartbeats;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FakeRunsServer(TimeProvider clock)
    {
        _clock = clock;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Use(Intercept);
        _app.MapPost("/agent-workers/projects/{project}/workers", (string project, JsonObject body) => Register(project, body));
        _app.MapPost("/agent-workers/workers/{worker}/heartbeat", Heartbeat);
        _app.MapPost("/agent-workers/workers/{worker}/claim", Claim);
        _app.MapPost("/agent-workers/workers/{worker}/runs/{run}/lease", (string run, JsonObject body) => RenewLease(run, body));
        _app.MapPut("/agent-workers/workers/{worker}/runs/{run}/session", (string run, JsonObject body) => SaveSession(run, body));
        _app.MapDelete("/agent-workers/workers/{worker}/runs/{run}/lease", async (string run, HttpRequest request) =>
            Release(run, (await request.ReadFromJsonAsync<JsonObject>())!));
        _app.MapPost("/runs", (JsonObject body) => Create(body));
        _app.MapGet("/runs/{run}", Get);
        _app.MapPost("/runs/{run}/events", (string run, JsonObject body) => Append(run, body));
        _app.MapPost("/runs/{run}/wait", (string run, JsonObject body) => Wait(run, body));
        _app.MapPost("/runs/{run}/complete", (string run, JsonObject body) => Complete(run, body));
        _app.MapPost("/runs/{run}/cancel", (string run) => Cancelled(run));
    }

    public string Address => _app.Urls.First();

    /// <summary>The token that worker calls need.</summary>
    public string Token { get; set; } = "vfw_first";

    /// <summary>The token that the next heartbeat returns.</summary>
    public string? NextToken { get; set; }

    /// <summary>Handles a request instead of the server; returns whether it did.</summary>
    public Func<HttpContext, Task<bool>>? Interceptor { get; set; }

    /// <summary>The paths of the requests, without ids.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public ConcurrentQueue<JsonObject> Registrations { get; } = [];

    public ConcurrentQueue<JsonObject> Claims { get; } = [];

    public ConcurrentQueue<JsonObject> Heartbeats { get; } = [];

    /// <summary>The number of heartbeats that the server holds now.</summary>
    public int PendingHeartbeats => Volatile.Read(ref _pendingHeartbeats);

    public static async Task<FakeRunsServer> Start(TimeProvider? clock = null)
    {
        var server = new FakeRunsServer(clock ?? TimeProvider.System);
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>Adds a run that is ready.</summary>
    public FakeRun Add(FakeRun run)
    {
        Change(() => _runs.Add(run.Id, run));
        return run;
    }

    public FakeRun AddTask(string id = "run_1", string target = "task:test", object? config = null) =>
        Add(new FakeRun { Id = id, Target = target, Config = JsonSerializer.SerializeToNode(config) });

    public FakeRun Find(string id)
    {
        lock (_lock)
        {
            return _runs[id];
        }
    }

    public IReadOnlyList<FakeRun> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _runs.Values];
            }
        }
    }

    public void Cancel(FakeRun run) => Change(() => End(run, RunStatuses.Cancelled));

    /// <summary>Ends the attempt as lost; the run is ready again if <paramref name="isReady"/>.</summary>
    public void LoseLease(FakeRun run, bool isReady = false) => Change(() =>
    {
        (run.IsHeld, run.LeaseExpiresAt, run.IsReady) = (false, null, isReady);
        run.Attempt++;
    });

    public void MakeReady(FakeRun run) => Change(() => run.IsReady = true);

    /// <summary>Resumes a waiting run with the result of its tool call.</summary>
    public void Resume(FakeRun run, object? result, bool isError = false) => Change(() =>
    {
        run.ToolResults.Add(new JsonObject
        {
            ["tool_call_id"] = run.WaitingFor,
            ["reason"] = "tool",
            ["result"] = JsonSerializer.SerializeToNode(result),
            ["is_error"] = isError,
        });
        (run.WaitingFor, run.Status, run.IsReady) = (null, RunStatuses.Running, !run.IsHeld);
    });

    /// <summary>Waits until a condition holds.</summary>
    public Task Until(Func<bool> condition) => Eventually.Holds(() =>
    {
        lock (_lock)
        {
            return Task.FromResult(condition());
        }
    });

    private async Task Intercept(HttpContext http, RequestDelegate next)
    {
        Requests.Enqueue($"{http.Request.Method} {http.Request.Path}");
        if (Interceptor is { } interceptor && await interceptor(http))
        {
            return;
        }

        var expected = http.Request.Path.StartsWithSegments("/agent-workers/workers", StringComparison.Ordinal) ? Token : ApiKey;
        if (http.Request.Headers.Authorization != $"Bearer {expected}")
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        await next(http);
    }

    private IResult Register(string project, JsonObject body)
    {
        body["project"] = project;
        Registrations.Enqueue(body);
        return Results.Json(new { worker = new { id = "0d3f0000-0000-8000-8000-000000000001" }, token = Token }, statusCode: 201);
    }

    private async Task<IResult> Heartbeat(JsonObject body, HttpContext http)
    {
        Heartbeats.Enqueue(body);
        var held = body["runs"]!.AsArray().Select(item => (Id: Text(item!["run_id"]), Attempt: (int)item["attempt"]!)).ToList();
        var lease = TimeSpan.FromSeconds((int)body["lease_duration_seconds"]!);
        List<(FakeRun Run, bool IsHeld, string Status)> first;
        lock (_lock)
        {
            first = [.. held.Select(item => (_runs[item.Id], IsHeldBy(_runs[item.Id], item.Attempt), _runs[item.Id].Status))];
            foreach (var (run, isHeld, _) in first)
            {
                run.LeaseExpiresAt = isHeld ? _clock.GetUtcNow() + lease : run.LeaseExpiresAt;
            }
        }

        await WaitFor(
            () => first.Any(item => !item.IsHeld || !item.Run.IsHeld || item.Run.Status != item.Status),
            (int)body["wait_seconds"]!,
            http,
            () => Interlocked.Increment(ref _pendingHeartbeats),
            () => Interlocked.Decrement(ref _pendingHeartbeats));
        lock (_lock)
        {
            var runs = held.Select(item => new JsonObject
            {
                ["run_id"] = item.Id,
                ["attempt"] = item.Attempt,
                ["status"] = _runs[item.Id].Status,
                ["lease_expires_at"] = IsHeldBy(_runs[item.Id], item.Attempt) ? Time(_runs[item.Id].LeaseExpiresAt) : null,
            });
            var response = new JsonObject { ["worker"] = new JsonObject { ["id"] = "w" }, ["runs"] = new JsonArray([.. runs]) };
            if (NextToken is { } token)
            {
                response["token"] = Token = token;
                NextToken = null;
            }

            return Results.Json(response);
        }
    }

    private async Task<IResult> Claim(JsonObject body, HttpContext http)
    {
        Claims.Enqueue(body);
        await WaitFor(() => _runs.Values.Any(run => run.IsReady && !run.HasEnded), (int)body["wait_seconds"]!, http);
        http.RequestAborted.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var lease = TimeSpan.FromSeconds((int)body["lease_duration_seconds"]!);
            var claimed = _runs.Values.Where(run => run.IsReady && !run.HasEnded).Take((int)body["max_runs"]!).ToList();
            foreach (var run in claimed)
            {
                (run.IsReady, run.IsHeld, run.Status) = (false, true, RunStatuses.Running);
                run.Attempt++;
                run.LeaseExpiresAt = _clock.GetUtcNow() + lease;
                run.TimeoutAt = run.TimeoutSeconds is { } seconds ? _clock.GetUtcNow().AddSeconds(seconds) : null;
            }

            return Results.Json(new JsonObject
            {
                ["run"] = claimed.Count > 0 ? Show(claimed[0]) : null,
                ["runs"] = new JsonArray([.. claimed.Select(Show)]),
            });
        }
    }

    private IResult RenewLease(string id, JsonObject body) => Change(() =>
    {
        var run = _runs[id];
        if (!IsHeldBy(run, (int)body["attempt"]!))
        {
            return Results.Json(new { run = (object?)null });
        }

        run.LeaseExpiresAt = _clock.GetUtcNow().AddSeconds((int)body["lease_duration_seconds"]!);
        return Results.Json(new JsonObject { ["run"] = Show(run) });
    });

    private IResult SaveSession(string id, JsonObject body) => IfCurrent(id, body, run =>
    {
        run.Session = body.DeepClone();
        return Results.Json(new JsonObject { ["session"] = body.DeepClone() });
    });

    private IResult Release(string id, JsonObject body) => Change(() =>
    {
        var run = _runs[id];
        var isHeld = IsHeldBy(run, (int)body["attempt"]!);
        if (isHeld)
        {
            run.Releases.Add(Text(body["reason"]));
            (run.IsHeld, run.LeaseExpiresAt) = (false, null);
        }

        return Results.Json(new { released = isHeld });
    });

    private IResult Create(JsonObject body) => Change(() =>
    {
        var id = Text(body["public_id"]);
        var isDuplicate = _runs.TryGetValue(id, out var run);
        if (run is null)
        {
            run = new FakeRun
            {
                Id = id,
                Target = Text(body["request"]!["target"]),
                ParentRunId = (string?)body["parent_run_id"],
                IsReady = false,
            };
            _runs.Add(id, run);
        }

        return Results.Json(
            new JsonObject { ["accepted"] = true, ["duplicate"] = isDuplicate, ["run"] = ShowResource(run) }, statusCode: 202);
    });

    private async Task<IResult> Get(string run, HttpContext http)
    {
        _ = int.TryParse(http.Request.Query["wait"], CultureInfo.InvariantCulture, out var wait);
        await WaitFor(() => _runs[run].HasEnded, wait, http);
        lock (_lock)
        {
            return Results.Json(ShowResource(_runs[run]));
        }
    }

    private IResult Append(string id, JsonObject body) => IfCurrent(id, body, run =>
    {
        var events = body["events"]!.AsArray();
        if (run.WaitingFor is not null)
        {
            return Problem(400, "RUN_WAITING");
        }

        if (body["expected_previous_external_event_sequence"] is { } expected && (int)expected != run.Events.Count)
        {
            return Problem(400, "EVENT_CURSOR_MISMATCH");
        }

        run.Events.AddRange(events.Select(item => (JsonObject)item!.DeepClone()));
        run.Appends.Add(events.Count);
        return Results.Json(new
        {
            latest_event_id = run.Events.Count,
            appended_count = events.Count,
            latest_external_event_sequence = run.Events.Count,
        });
    });

    private IResult Wait(string id, JsonObject body) => IfCurrent(id, body, run =>
    {
        run.Waits.Add((JsonObject)body.DeepClone());
        if (run.ToolResults.Any(result => Text(result["tool_call_id"]) == Text(body["tool_call_id"])))
        {
            return Results.Json(new JsonObject { ["waiting"] = false, ["run"] = ShowResource(run) });
        }

        (run.WaitingFor, run.Status) = (Text(body["tool_call_id"]), RunStatuses.Waiting);
        if ((bool?)body["release"] == true)
        {
            (run.IsHeld, run.LeaseExpiresAt) = (false, null);
        }

        return Results.Json(new JsonObject { ["waiting"] = true, ["run"] = ShowResource(run) });
    });

    private IResult Complete(string id, JsonObject body) => IfCurrent(id, body, run =>
    {
        run.Outcomes.Add((JsonObject)body.DeepClone());
        End(run, Text(body["status"]));
        return Results.Json(new JsonObject { ["completed"] = true, ["run"] = ShowResource(run) });
    });

    private IResult Cancelled(string id) => Change(() =>
    {
        var run = _runs[id];
        var changed = !run.HasEnded;
        if (changed)
        {
            End(run, RunStatuses.Cancelled);
        }

        return Results.Json(new JsonObject { ["cancelled"] = changed, ["run"] = ShowResource(run) });
    });

    private IResult IfCurrent(string id, JsonObject body, Func<FakeRun, IResult> action) => Change(() =>
    {
        var run = _runs[id];
        return body["attempt"] is null ? Problem(409, "ATTEMPT_REQUIRED")
            : IsHeldBy(run, (int)body["attempt"]!) ? action(run)
            : Problem(409, "ATTEMPT_LOST");
    });

    private async Task WaitFor(
        Func<bool> condition, int seconds, HttpContext http, Action? begin = null, Action? finish = null)
    {
        if (seconds == 0)
        {
            return;
        }

        var end = Task.Delay(TimeSpan.FromSeconds(seconds), _clock, http.RequestAborted);
        begin?.Invoke();
        try
        {
            while (true)
            {
                Task changed;
                lock (_lock)
                {
                    changed = _changed.Task;
                    if (condition())
                    {
                        return;
                    }
                }

                if (await Task.WhenAny(changed, end) == end)
                {
                    return;
                }
            }
        }
        finally
        {
            finish?.Invoke();
        }
    }

    private void Change(Action action) => Change(() =>
    {
        action();
        return 0;
    });

    private T Change<T>(Func<T> action)
    {
        lock (_lock)
        {
            var result = action();
            var changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            changed.TrySetResult();
            return result;
        }
    }

    private static void End(FakeRun run, string status) =>
        (run.Status, run.IsHeld, run.IsReady, run.LeaseExpiresAt) = (status, false, false, null);

    private static bool IsHeldBy(FakeRun run, int attempt) => run.IsHeld && run.Attempt == attempt;

    private static JsonObject Show(FakeRun run) => new()
    {
        ["run_id"] = run.Id,
        ["attempt"] = run.Attempt,
        ["kind"] = run.Kind,
        ["target"] = run.Target,
        ["status"] = run.Status,
        ["project_id"] = Project,
        ["input"] = run.Input?.DeepClone(),
        ["config"] = run.Config?.DeepClone(),
        ["request_snapshot"] = run.RequestSnapshot?.DeepClone(),
        ["trace_parent"] = run.TraceParent,
        ["failed_attempts"] = 0,
        ["timeout_at"] = Time(run.TimeoutAt),
        ["lease_owner"] = "w",
        ["lease_expires_at"] = Time(run.LeaseExpiresAt),
        ["latest_event_id"] = run.Events.Count,
        ["latest_external_event_sequence"] = run.Events.Count,
        ["tool_results"] = new JsonArray([.. run.ToolResults.Select(result => result.DeepClone())]),
        ["worker_session"] = run.Session?.DeepClone(),
    };

    private static JsonObject ShowResource(FakeRun run) => new()
    {
        ["run_id"] = run.Id,
        ["kind"] = run.Kind,
        ["status"] = run.Status,
        ["owner"] = new JsonObject { ["kind"] = "project", ["id"] = Project },
        ["root_run_id"] = run.Id,
        ["attempt"] = run.Attempt,
        ["lease_expires_at"] = Time(run.LeaseExpiresAt),
        ["created_at"] = "2026-01-01T00:00:00.000Z",
        ["updated_at"] = "2026-01-01T00:00:00.000Z",
        ["artifacts"] = new JsonArray(),
    };

    private static IResult Problem(int status, string code) =>
        Results.Json(new { status, code, detail = code }, contentType: "application/problem+json", statusCode: status);

    private static string? Time(DateTimeOffset? time) => time?.ToString("O");

    private static string Text(JsonNode? node) => (string)node!;
}
