using System.Text.Json;
using Runs.Contracts;

namespace Runs.Api;

/// <summary>
/// The body of <c>POST /runs</c>: from JSON to the command, or to everything that is wrong with it, each at its pointer and once. Members that the
/// service does not know are ignored; UUIDs come in either case and go on in lower case.
/// </summary>
internal static class CreateRunBody
{
    private const string Unreadable = "";

    /// <summary>
    /// Reads a body whose text is well formed for a caller of <paramref name="tenant"/>. A run without <c>public_id</c> gets
    /// <paramref name="anonymousRunId"/>. There is a command when there are no errors.
    /// </summary>
    public static (CreateRun? Command, RunRequest? Request, IReadOnlyList<InvalidMember> Errors) Read(
        JsonElement body, string tenant, string anonymousRunId)
    {
        var errors = new List<InvalidMember>();
        var fields = new JsonFields(body, "", errors);
        if (!fields.IsObject)
        {
            return (null, null, errors);
        }

        var request = fields.RequiredObject("request");
        var command = new CreateRun
        {
            Tenant = tenant,
            RunId = fields.TextOrAbsent("public_id") ?? anonymousRunId,
            Kind = fields.RequiredText("kind") ?? Unreadable,
            Owner = ReadOwner(fields, errors),
            Request = request is { } sent ? RawJson.From(sent) : default,
            ParentRunId = fields.Text("parent_run_id"),
            Trigger = ReadTrigger(fields, errors),
            ConversationMode = fields.Text("conversation_mode") ?? (fields.Has("conversation_mode") ? Unreadable : null),
            ConversationId = Uuid(fields, "conversation_id") ?? (fields.Has("conversation_id") ? Unreadable : null),
        };

        var broken = request is { } parsed
            ? CreateRunRules.Check(command, parsed, "public_id", out var read)
            : CreateRunRules.Check(command, "public_id", out read);
        var all = errors.Count == 0 ? broken : [.. errors, .. broken.Where(error => !errors.Exists(earlier => Covers(earlier.Pointer, error.Pointer)))];
        return all.Count == 0 ? (command, read, all) : (null, null, all);
    }

    // What could not be read was complained about; the rules would only say it again in other words.
    private static bool Covers(string earlier, string pointer) =>
        pointer.StartsWith(earlier, StringComparison.Ordinal) && (pointer.Length == earlier.Length || pointer[earlier.Length] == '/');

    private static Owner ReadOwner(JsonFields fields, List<InvalidMember> errors)
    {
        if (fields.RequiredObject("owner") is not { } value)
        {
            return new Owner { Kind = Unreadable, Id = Unreadable };
        }

        var owner = new JsonFields(value, "/owner", errors);
        return new Owner { Kind = owner.RequiredText("kind") ?? Unreadable, Id = owner.RequiredText("id")?.ToLowerInvariant() ?? Unreadable };
    }

    private static RunTrigger? ReadTrigger(JsonFields fields, List<InvalidMember> errors)
    {
        if (fields.ObjectToRead("trigger") is not { } value)
        {
            return null;
        }

        var trigger = new JsonFields(value, "/trigger", errors);
        return new RunTrigger
        {
            ConversationId = Uuid(trigger, "conversation_id"),
            MessageId = Uuid(trigger, "message_id"),
            ToolCallId = trigger.Text("tool_call_id"),
        };
    }

    private static string? Uuid(JsonFields fields, string name) => fields.Text(name)?.ToLowerInvariant();
}
