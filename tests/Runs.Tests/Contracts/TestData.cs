using System.Text.Json;
using System.Text.Json.Nodes;
using Runs.Contracts;

namespace Runs.Tests.Contracts;

/// <summary>
/// Valid messages and bodies. A test changes the members that it is about with <c>with</c> or <see cref="WithMember"/>.
/// </summary>
internal static class TestData
{
    public const string Project = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";
    public const string Conversation = "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001";
    public const string Uuid = "0c1d2e3f-aaaa-4222-8333-444455556666";

    public static Owner ProjectOwner { get; } = new() { Kind = "project", Id = Project };

    public static Owner ConversationOwner { get; } = new() { Kind = "conversation", Id = Conversation };

    /// <summary>The smallest request of a kind.</summary>
    public static string MinimalRequest(string kind) => kind switch
    {
        "agent" => """{"agent_id":"writer"}""",
        "workflow" => """{"workflow_id":"w","target":"workflow:w"}""",
        _ => $$"""{"target":"{{kind}}:t"}""",
    };

    public static CreateRun CreateRun(string kind = "agent") => new()
    {
        Tenant = "acme",
        RunId = "run_1",
        Kind = kind,
        Owner = ProjectOwner,
        Request = new RawJson(MinimalRequest(kind)),
    };

    /// <summary>A body of <c>POST /runs</c> that has every member.</summary>
    public static string CreateRunBody => $$"""
        {
          "kind": "agent", "owner": {"kind": "conversation", "id": "{{Conversation}}"},
          "public_id": "run_child-7", "parent_run_id": "run_root-3",
          "trigger": {"conversation_id": "{{Conversation}}", "message_id": "{{Uuid}}", "tool_call_id": "call_9"},
          "conversation_mode": "existing", "conversation_id": "{{Conversation}}", "request": {"agent_id": "writer"}
        }
        """;

    /// <summary>
    /// Sets the member at a path such as <c>owner/id</c> to a JSON value; removes the member when the value is null.
    /// </summary>
    public static string WithMember(string json, string path, string? value)
    {
        var root = JsonNode.Parse(json)!;
        var names = path.Split('/');
        var parent = names[..^1].Aggregate(root.AsObject(), (node, name) => node[name]!.AsObject());
        parent.Remove(names[^1]);
        if (value is not null)
        {
            parent[names[^1]] = JsonNode.Parse(value);
        }

        return root.ToJsonString();
    }

    /// <summary>Parses a request of a create.</summary>
    public static (RunRequest Request, IReadOnlyList<ValidationError> Errors) Parse(string kind, string request)
    {
        var errors = new List<ValidationError>();
        return (RunRequestParser.Parse(kind, JsonElement.Parse(request), "/request", errors), errors);
    }

    public static string QuotedRepeat(char character, int count) => $"\"{new string(character, count)}\"";
}
