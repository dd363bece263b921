namespace Runs.Tests.Client;

/// <summary>
/// Calls of the API that request input and answer it, by default below the conversation that tests use.
/// </summary>
public static class InputRequestClientExtensions
{
    /// <summary>Posts a request for input, which may be rejected.</summary>
    public static Task<ApiResponse> RequestInput(
        this HttpClient client,
        string run,
        string call = "call_1",
        string? path = null,
        string? expiresAt = null) => client.Post(
        path ?? ApiPaths.InputRequests(),
        new
        {
            run_id = run,
            tool_call_id = call,
            requested_responder_type = "human",
            title = "Who are you?",
            description = "Your name, and\nyour age.",
            fields = new object[] { new { name = "name", type = "text" }, new { name = "age", type = "number" } },
            expires_at = expiresAt,
            metadata = new { theme = "dark" },
        });

    /// <summary>Creates a request for input.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> CreateInputRequest(
        this HttpClient client,
        string run,
        string call = "call_1",
        string? path = null,
        string? expiresAt = null) =>
        (await client.RequestInput(run, call, path, expiresAt)).Read<ApiInputRequest>(201).Id;

    public static async Task<ApiInputRequest> GetInputRequest(
        this HttpClient client, string id, string? path = null) =>
        (await client.Get($"{path ?? ApiPaths.InputRequests()}/{id}")).Read<ApiInputRequest>();

    public static Task<ApiResponse> PostInputResponse(
        this HttpClient client, string id, object body, string? path = null) =>
        client.Post($"{path ?? ApiPaths.InputRequests()}/{id}/responses", body);
}
