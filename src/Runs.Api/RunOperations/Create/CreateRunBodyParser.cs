using System.Text.Json;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>
/// Parses the body of <c>POST /runs</c> into the command, or into a problem that has every error once with its pointer.
/// Unknown members are ignored. UUIDs are accepted in either case and converted to lower case.
/// </summary>
internal static class CreateRunBodyParser
{
    // Replaces a member that could not be read. The member has its error already, and the validator rejects this value.
    private const string InvalidPlaceholder = "";

    /// <summary>
    /// Reads a body of well-formed JSON for a caller of <paramref name="tenant"/>. A run without <c>public_id</c> gets
    /// <paramref name="generatedRunId"/>.
    /// </summary>
    public static Result<CreateRun> Parse(JsonElement body, string tenant, string generatedRunId)
    {
        var errors = new List<ValidationError>();
        var fields = new JsonObjectReader(body, "", errors);
        if (!fields.IsObject)
        {
            return Problems.ValidationFailed(errors);
        }

        var request = fields.GetRequiredObject("request");
        var command = new CreateRun
        {
            Tenant = tenant,
            RunId = fields.GetOptionalNonNullString("public_id") ?? generatedRunId,
            Kind = fields.GetRequiredString("kind") ?? InvalidPlaceholder,
            Owner = ParseOwner(fields),
            Request = request is { } element ? RawJson.FromElement(element) : default,
            ParentRunId = fields.GetString("parent_run_id"),
            Trigger = ParseTrigger(fields),
            ConversationMode = fields.GetString("conversation_mode") ?? (fields.HasValue("conversation_mode") ? InvalidPlaceholder : null),
            ConversationId = ReadLowerCase(fields, "conversation_id") ?? (fields.HasValue("conversation_id") ? InvalidPlaceholder : null),
        };

        var ruleErrors = request is { } parsed
            ? CreateRunValidator.Validate(command, parsed, "public_id", out _)
            : CreateRunValidator.Validate(command, "public_id", out _);
        var all = errors.Count == 0
            ? ruleErrors
            : [.. errors, .. ruleErrors.Where(error => !errors.Exists(earlier => IsSameOrAncestorPointer(earlier.Pointer, error.Pointer)))];
        return all.Count == 0 ? command : Problems.ValidationFailed(all);
    }

    // A member that could not be read already has an error; the validator's error for it would be a duplicate.
    private static bool IsSameOrAncestorPointer(string ancestor, string pointer) =>
        pointer.StartsWith(ancestor, StringComparison.Ordinal) && (pointer.Length == ancestor.Length || pointer[ancestor.Length] == '/');

    private static Owner ParseOwner(JsonObjectReader fields)
    {
        if (!fields.TryGetRequiredReader("owner", out var owner))
        {
            return new Owner { Kind = InvalidPlaceholder, Id = InvalidPlaceholder };
        }

        return new Owner
        {
            Kind = owner.GetRequiredString("kind") ?? InvalidPlaceholder,
            Id = owner.GetRequiredString("id")?.ToLowerInvariant() ?? InvalidPlaceholder,
        };
    }

    private static RunTrigger? ParseTrigger(JsonObjectReader fields)
    {
        if (!fields.TryGetReader("trigger", out var trigger))
        {
            return null;
        }

        return new RunTrigger
        {
            ConversationId = ReadLowerCase(trigger, "conversation_id"),
            MessageId = ReadLowerCase(trigger, "message_id"),
            ToolCallId = trigger.GetString("tool_call_id"),
        };
    }

    private static string? ReadLowerCase(JsonObjectReader fields, string name) => fields.GetString(name)?.ToLowerInvariant();
}
