using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Runs.Tests.Client;

/// <summary>
/// Calls of the API. <see cref="Post"/> and <see cref="Get"/> return any response; the other calls fail the test unless
/// they succeed, and return the typed body.
/// </summary>
public static class RunsClientExtensions
{
    /// <summary>Posts JSON: <paramref name="body"/> is the text, or an object to serialize.</summary>
    public static Task<ApiResponse> Post(this HttpClient client, string path, object? body = null) =>
        client.Send(HttpMethod.Post, path, body);

    /// <inheritdoc cref="Post"/>
    public static Task<ApiResponse> Patch(this HttpClient client, string path, object body) =>
        client.Send(HttpMethod.Patch, path, body);

    public static Task<ApiResponse> Delete(this HttpClient client, string path) => client.Send(HttpMethod.Delete, path, null);

    /// <summary>Sends a request with any method. The body is as in <see cref="Post"/>.</summary>
    public static async Task<ApiResponse> Send(this HttpClient client, HttpMethod method, string path, object? body)
    {
        using var content = body switch
        {
            string text => new StringContent(text, new MediaTypeHeaderValue("application/json")),
            null => null,
            _ => (HttpContent)JsonContent.Create(body),
        };
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await client.SendAsync(request);
        return await ApiResponse.From(response);
    }

    public static async Task<ApiResponse> Get(this HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        return await ApiResponse.From(response);
    }

    public static async Task<CreatedRun> Create(this HttpClient client, object body) =>
        (await client.Post("/runs", body)).Read<CreatedRun>(202);

    /// <summary>Creates a pending run of a task.</summary>
    /// <returns>The run's id.</returns>
    public static async Task<string> CreateTask(this HttpClient client) => (await client.Create(TestRequests.TaskBody())).Run.RunId;

    /// <summary>Creates a run of a task, which has no conversation, and starts it.</summary>
    /// <returns>The run's id.</returns>
    public static async Task<string> CreateRunningTask(this HttpClient client)
    {
        var run = await client.CreateTask();
        Assert.Equal(200, (await client.Post($"/runs/{run}/events", EventBodies.Append("""{"type":"CUSTOM"}"""))).Status);
        return run;
    }

    /// <summary>Creates an agent's run that has started.</summary>
    /// <returns>The run's id.</returns>
    public static async Task<string> CreateRunningAgent(this HttpClient client, string conversation = RunsApplication.Conversation)
    {
        var request = new { agent_id = "writer", initial_status = "running" };
        return (await client.Create(TestRequests.AgentBody(request: request, conversation: conversation))).Run.RunId;
    }

    /// <summary>Creates an agent's run that has completed after a number of events.</summary>
    /// <returns>The run's id.</returns>
    public static async Task<string> CreateFinishedAgent(this HttpClient client, int events)
    {
        var run = await client.CreateRunningAgent();
        await client.AppendTexts(run, events);
        await client.Complete(run);
        return run;
    }

    public static async Task<ApiRun> GetRun(this HttpClient client, string run) => (await client.Get($"/runs/{run}")).Read<ApiRun>();

    public static async Task<ApiConversationRun> GetConversationRun(
        this HttpClient client, string run, string conversation = RunsApplication.Conversation) =>
        (await client.Get(ApiPaths.ConversationRun(run, conversation))).Read<ApiConversationRun>();

    public static async Task<CancelledRun> Cancel(this HttpClient client, string run) =>
        (await client.Post($"/runs/{run}/cancel")).Read<CancelledRun>();

    public static async Task<CompletedRun> Complete(this HttpClient client, string run, object? outcome = null) =>
        (await client.Post($"/runs/{run}/complete", outcome ?? new { status = "completed" })).Read<CompletedRun>();

    public static async Task<WaitingRun> Wait(this HttpClient client, string run, object wait) =>
        (await client.Post($"/runs/{run}/wait", wait)).Read<WaitingRun>();

    public static async Task<ResumedRun> Resume(this HttpClient client, string run, object result) =>
        (await client.Post($"/runs/{run}/resume", result)).Read<ResumedRun>();

    public static async Task<AppendResponse> Append(this HttpClient client, string run, object body) =>
        (await client.Post($"/runs/{run}/events", body)).Read<AppendResponse>();

    /// <summary>Appends equal events of a text message.</summary>
    public static Task<AppendResponse> AppendTexts(this HttpClient client, string run, int count, string delta = "d") =>
        client.Append(run, EventBodies.Append([.. Enumerable.Repeat(EventBodies.Text(delta), count)]));

    public static Task<ApiPage<ApiEvent>> ListEvents(this HttpClient client, string run, string query = "") =>
        client.List<ApiEvent>($"/runs/{run}/events{query}");

    /// <summary>Gets one page of any list.</summary>
    public static async Task<ApiPage<T>> List<T>(this HttpClient client, string path) => (await client.Get(path)).Read<ApiPage<T>>();
}
