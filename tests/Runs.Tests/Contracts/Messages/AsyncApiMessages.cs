using System.Text.Json.Nodes;

namespace Runs.Tests.Contracts.Messages;

/// <summary>The messages of the description: each in every form that it is sent in, raw, in an envelope, or both.</summary>
internal static class AsyncApiMessages
{
    public static IEnumerable<(string Name, JsonObject Value)> CreateForms(ContractMessage message)
    {
        if (message.Kind != MessageKind.Event)
        {
            yield return (message.Name, Message(message, message.Kind == MessageKind.Command ? "rawCommand" : "rawReply", Reference("components/schemas", message.Name)));
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
            ["description"] = IsPrimaryForm(trait, message) ? MessageSchemas.GetDescription(message.Type) : $"`{message.Name}` in an envelope of MassTransit's.",
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

    // Events come in envelopes only; of the others there is a raw form, which says everything.
    private static bool IsPrimaryForm(string trait, ContractMessage message) => trait != "envelope" || message.Kind == MessageKind.Event;

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

    public static JsonObject Fault() => new()
    {
        ["name"] = "Fault",
        ["title"] = "Fault",
        ["summary"] = "The answer to a command that cannot be right; see the rules of each member.",
        ["description"] = "Nothing was changed, and the command is in the queue `runs-lifecycle_error`. It is not worth sending again. A command in an envelope "
            + "is answered with MassTransit's `Fault` of it instead.",
        ["traits"] = new JsonArray(Reference("components/messageTraits", "rawReply")),
        ["payload"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["detail"] = new JsonObject { ["description"] = "What is wrong, for people.", ["type"] = "string" } },
            ["required"] = new JsonArray("detail"),
        },
        ["bindings"] = AsyncApiText.AmqpTypeBinding("Fault"),
    };

    public static IEnumerable<string> FormNames(ContractMessage message) => CreateForms(message).Select(form => form.Name);

    private static string EnvelopeName(ContractMessage message) => message.Kind == MessageKind.Event ? message.Name : $"{message.Name}Envelope";

    public static string Key(ContractMessage message) => char.ToLowerInvariant(message.Name[0]) + message.Name[1..];

    public static string FirstSentence(ContractMessage message)
    {
        var summary = DocComments.Summary(message.Type);
        return summary[..(summary.IndexOf(". ", StringComparison.Ordinal) is var end and >= 0 ? end + 1 : summary.Length)];
    }

    public static JsonObject Reference(string section, string name) => new() { ["$ref"] = $"#/{section}/{name}" };
}
