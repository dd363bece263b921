using System.Text.Json;
using Runs.Client.Http;

namespace Runs.Worker;

/// <summary>An attempt to execute an agent, with the agent's request.</summary>
public sealed class AgentRunContext : RunContext
{
    internal AgentRunContext(AttemptEnvironment environment)
        : base(environment)
    {
        var claim = environment.Attempt.Claim;
        AgentId = claim.AgentId;
        var request = claim.RequestSnapshot ?? ApiJson.FromRawJson<RequestSnapshot>(claim.Input, ApiJson.Api) ?? new RequestSnapshot();
        Messages = ToList(request.Messages);
        Tools = ToList(request.Tools);
        Context = ToList(request.Context);
        ForwardedProps = request.ForwardedProps;
    }

    /// <summary>The agent's id, or null.</summary>
    public string? AgentId { get; }

    /// <summary>
    /// The messages of the conversation, oldest first: objects with <c>id</c>, <c>role</c> and <c>parts</c>.
    /// </summary>
    public IReadOnlyList<JsonElement> Messages { get; }

    /// <summary>The tools that the client can call.</summary>
    public IReadOnlyList<JsonElement> Tools { get; }

    /// <summary>What the client says about the situation.</summary>
    public IReadOnlyList<JsonElement> Context { get; }

    /// <summary>
    /// What the client forwards to the agent; of kind <see cref="JsonValueKind.Undefined"/> when absent.
    /// </summary>
    public JsonElement ForwardedProps { get; }

    // The context of a request may also be an object.
    private static IReadOnlyList<JsonElement> ToList(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => [.. element.EnumerateArray()],
        JsonValueKind.Undefined or JsonValueKind.Null => [],
        _ => [element],
    };
}
