namespace Runs.Tests.Client;

/// <summary>A registered worker and a client with its token, in a project with no other runs.</summary>
public sealed class TestWorker(RunsApplication application, RegisteredWorker registered, string project) : IDisposable
{
    public HttpClient Client { get; } = application.CreateWorkerClient(registered);

    public string Id => registered.Worker.Id;

    public string Project => project;

    private string Path => $"/agent-workers/workers/{Id}";

    /// <summary>Registers a worker with targets, by default every task of a new project.</summary>
    public static async Task<TestWorker> Register(
        RunsApplication application, string? project = null, string kind = "python", string? key = null, params string[] targets)
    {
        project ??= TestRequests.NewUuid();
        var body = WorkerClientExtensions.WorkerBody(key, kind).With("targets", targets.Length > 0 ? targets : ["task:*"]);
        var registered = (await application.Client.Post(WorkerClientExtensions.WorkersPath(project), body)).Read<RegisteredWorker>(201);
        return new TestWorker(application, registered, project);
    }

    /// <summary>Creates a task in the project.</summary>
    public async Task<string> CreateTask(object? request = null, string target = "task:t") => (await application.Client.Create(
        TestRequests.TaskBody(request: request ?? new { target }).With("owner", new { kind = "project", id = project }))).Run.RunId;

    /// <summary>Claims runs without a conversation, fenced.</summary>
    public async Task<ClaimResponse> Claim(object? body = null) => (await Client.Post(
        $"{Path}/claim", body ?? new { headless = true, fenced = true })).Read<ClaimResponse>();

    /// <summary>Claims the next task, which must exist.</summary>
    public async Task<ApiClaimedRun> ClaimTask()
    {
        var run = (await Claim()).Run;
        Assert.NotNull(run);
        return run;
    }

    public Task<ApiResponse> SendClaim(object body) => Client.Post($"{Path}/claim", body);

    public async Task<ClaimResponse> Renew(string run, object? body = null) =>
        (await Client.Post($"{Path}/runs/{run}/lease", body ?? new { })).Read<ClaimResponse>();

    public Task<ApiResponse> Release(string run, object body) => Client.Send(HttpMethod.Delete, $"{Path}/runs/{run}/lease", body);

    public Task<ApiResponse> SetSession(string run, object body) => Client.Send(HttpMethod.Put, $"{Path}/runs/{run}/session", body);

    public async Task<HeartbeatResponse> Heartbeat(object body) =>
        (await Client.Post($"{Path}/heartbeat", body)).Read<HeartbeatResponse>();

    public void Dispose() => Client.Dispose();
}
