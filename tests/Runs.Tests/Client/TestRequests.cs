namespace Runs.Tests.Client;

/// <summary>Ids and bodies of creates.</summary>
public static class TestRequests
{
    public static string NewId() => $"run_{NewUuid()}";

    public static string NewUuid() => Guid.CreateVersion7().ToString();

    public static Dictionary<string, object?> TaskBody(string? publicId = null, object? request = null) => new()
    {
        ["kind"] = "task",
        ["owner"] = new { kind = "project", id = RunsApplication.Project },
        ["request"] = request ?? new { target = "task:rebuild-index" },
        ["public_id"] = publicId ?? NewId(),
    };

    public static Dictionary<string, object?> AgentBody(
        string? publicId = null, object? request = null, string conversation = RunsApplication.Conversation) => new()
        {
            ["kind"] = "agent",
            ["owner"] = new { kind = "conversation", id = conversation },
            ["request"] = request ?? new { agent_id = "writer", input = new { messages = Array.Empty<object>() } },
            ["public_id"] = publicId ?? NewId(),
        };

    public static Dictionary<string, object?> With(this Dictionary<string, object?> body, string member, object? value) =>
        new(body) { [member] = value };

    public static Dictionary<string, object?> Without(this Dictionary<string, object?> body, string member) =>
        new(body.Where(pair => pair.Key != member));
}
