namespace Runs.Tests.Client;

/// <summary>Calls of the API that request input and answer it.</summary>
public static class InputRequestClientExtensions
{
    /// <summary>Posts a request for input, which may be rejected.</summary>
    public static Task<ApiResponse> RequestInput(
        this HttpClient client,
        string run,
        string call = "call_1",
        string conversation = RunsApplication.Conversation,
        string? expiresAt = null) => client.Post(
        ApiPaths.InputRequests(conversation),
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
        string conversation = RunsApplication.Conversation,
        string? expiresAt = null) =>
        (await client.RequestInput(run, call, conversation, expiresAt)).Read<ApiInputRequest>(201).Id;

    public static async Task<ApiInputRequest> GetInputRequest(
        this HttpClient client, string id, string conversation = RunsApplication.Conversation) =>
        (await client.Get($"{ApiPaths.InputRequests(conversation)}/{id}")).Read<ApiInputRequest>();

    public static Task<ApiResponse> PostInputResponse(
        this HttpClient client, string id, object body, string conversation = RunsApplication.Conversation) =>
        client.Post($"{ApiPaths.InputRequests(conversation)}/{id}/responses", body);
}
