using System.Text.Json.Nodes;

namespace Runs.ContractGenerator;

/// <summary>
/// The messages of the AsyncAPI document, in each form: commands and replies as raw JSON and in an envelope, events in
/// an envelope only.
/// </summary>
internal static class AsyncApiMessages
{
    /// <summary>Creates the forms of a message.</summary>
    public static IEnumerable<(string Name, JsonObject Value)> CreateForms(ContractMessage message)
    {
        if (message.Kind != MessageKind.Event)
        {
            var trait = message.Kind == MessageKind.Command ? "rawCommand" : "rawReply";
            yield return (message.Name, Message(message, trait, Reference("components/schemas", message.Name)));
        }

        yield return (EnvelopeName(message), Message(message, "envelope", EnvelopeSchema(message)));
    }

    private static JsonObject Message(ContractMessage message, string trait, JsonObject payload)
    {
        var described = new JsonObject
        {
            ["name"] = message.Name,
            ["title"] = message.Name,
            ["summary"] = FirstSentence(message),
            ["description"] = IsPrimaryForm(trait, message)
                ? MessageSchemas.GetDescription(message.Type)
                : $"`{message.Name}` in a MassTransit envelope.",
            ["traits"] = new JsonArray(Reference("components/messageTraits", trait)),
            ["payload"] = payload,
        };
        if (trait == "rawReply")
        {
            described["bindings"] = AsyncApiText.AmqpTypeBinding(message.Name);
        }

        if (IsPrimaryForm(trait, message))
        {
            var example = JsonNode.Parse(message.Example);
            described["examples"] = new JsonArray(new JsonObject
            {
                ["name"] = Key(message),
                ["payload"] = trait == "envelope" ? AsyncApiText.WrapInEnvelope(message, example) : example,
            });
        }

        return described;
    }

    // The complete description and the example are in the raw form, or in the envelope when there is no raw form.
    private static bool IsPrimaryForm(string trait, ContractMessage message) =>
        trait != "envelope" || message.Kind == MessageKind.Event;

    private static JsonObject EnvelopeSchema(ContractMessage message) => new()
    {
        ["allOf"] = new JsonArray(
            Reference("components/schemas", "Envelope"),
            new JsonObject
            {
                ["properties"] = new JsonObject
                {
                    ["messageType"] = new JsonObject { ["contains"] = new JsonObject { ["const"] = message.Urn } },
                    ["message"] = Reference("components/schemas", message.Name),
                },
            }),
    };

    /// <summary>The raw reply to an invalid command.</summary>
    public static JsonObject Fault() => new()
    {
        ["name"] = "Fault",
        ["title"] = "Fault",
        ["summary"] = "The reply to an invalid command; each member documents its rules.",
        ["description"] = "Nothing was changed, and the command is in the queue `runs-lifecycle_error`. Do not send it again. The reply to "
            + "an invalid command in an envelope is MassTransit's `Fault` instead.",
        ["traits"] = new JsonArray(Reference("components/messageTraits", "rawReply")),
        ["payload"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["detail"] = new JsonObject { ["description"] = "A human-readable error message.", ["type"] = "string" },
            },
            ["required"] = new JsonArray("detail"),
        },
        ["bindings"] = AsyncApiText.AmqpTypeBinding("Fault"),
    };

    /// <summary>The names of a message's forms.</summary>
    public static IEnumerable<string> FormNames(ContractMessage message) => CreateForms(message).Select(form => form.Name);

    /// <summary>The key of a message's channel and operation.</summary>
    public static string Key(ContractMessage message) => char.ToLowerInvariant(message.Name[0]) + message.Name[1..];

    /// <summary>The first sentence of a message's doc comment.</summary>
    public static string FirstSentence(ContractMessage message)
    {
        var summary = DocComments.GetSummary(message.Type);
        return summary[..(summary.IndexOf(". ", StringComparison.Ordinal) is var end and >= 0 ? end + 1 : summary.Length)];
    }

    /// <summary>A reference to an element of the document.</summary>
    public static JsonObject Reference(string section, string name) => new() { ["$ref"] = $"#/{section}/{name}" };

    private static string EnvelopeName(ContractMessage message) =>
        message.Kind == MessageKind.Event ? message.Name : $"{message.Name}Envelope";
}
