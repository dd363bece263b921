using System.Net.Http.Headers;

namespace Runs.Tests.Client;

/// <summary>Calls of the API about workers.</summary>
public static class WorkerClientExtensions
{
    public static string WorkersPath(string project = RunsApplication.Project) => $"/agent-workers/projects/{project}/workers";

    /// <summary>The body of a registration with a new key.</summary>
    public static Dictionary<string, object?> WorkerBody(string? key = null, string kind = "python") => new()
    {
        ["implementation_kind"] = kind,
        ["worker_key"] = key ?? TestRequests.NewUuid(),
    };

    public static async Task<RegisteredWorker> RegisterWorker(
        this HttpClient client, string? key = null, string project = RunsApplication.Project) =>
        (await client.Post(WorkersPath(project), WorkerBody(key))).Read<RegisteredWorker>(201);

    /// <summary>Sends a heartbeat for a worker, with the credential of the client.</summary>
    public static Task<ApiResponse> Heartbeat(this HttpClient client, string worker, object? body = null) =>
        client.Post($"/agent-workers/workers/{worker}/heartbeat", body);

    public static async Task<ApiResponse> RevokeWorker(this HttpClient client, string worker)
    {
        using var response = await client.DeleteAsync($"/agent-workers/workers/{worker}");
        return await ApiResponse.From(response);
    }

    /// <summary>Creates a client with the token of a worker.</summary>
    public static HttpClient CreateWorkerClient(this RunsApplication application, RegisteredWorker worker) =>
        application.CreateClient(worker.Token);

    /// <summary>Replaces the credential of the client.</summary>
    public static void UseToken(this HttpClient client, string token) =>
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
}
