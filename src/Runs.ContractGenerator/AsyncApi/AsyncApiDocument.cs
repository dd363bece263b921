using System.Text.Json.Nodes;
using static Runs.ContractGenerator.AsyncApiMessages;

namespace Runs.ContractGenerator;

/// <summary>
/// The AsyncAPI document of the messages. It describes the service, which receives commands and sends events and
/// replies.
/// </summary>
internal static class AsyncApiDocument
{
    private const string SchemaReferencePrefix = "#/components/schemas/";

    private static IEnumerable<string> ReplyNames => ContractMessages.OfKind(MessageKind.Reply).SelectMany(FormNames).Append("Fault");

    /// <summary>Creates the document.</summary>
    public static JsonObject Create()
    {
        var commands = ContractMessages.OfKind(MessageKind.Command).ToList();
        var events = ContractMessages.OfKind(MessageKind.Event).ToList();
        var schemas = new MessageSchemas(SchemaReferencePrefix);
        var described = ContractMessages.All.ToDictionary(message => message.Name, message => schemas.CreateSchema(message.Type));
        foreach (var schema in described.Values)
        {
            schema.Remove("description"); // the description of the message is the same
        }

        return new JsonObject
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Runs",
                ["version"] = typeof(CreateRun).Assembly.GetName().Version!.ToString(3),
                ["description"] = Resources.ReadText("Introduction.md"),
                ["license"] = new JsonObject { ["name"] = "MIT" },
            },
            ["defaultContentType"] = AsyncApiText.RawJson,
            ["servers"] = new JsonObject { ["rabbitmq"] = Server() },
            ["channels"] = ToJsonObject(
            [
                .. commands.Concat(events).Select(message => (Key(message), Channel(message))),
                (AsyncApiOffers.Key, AsyncApiOffers.CreateChannel()),
                ("replies", Replies()),
            ]),
            ["operations"] = ToJsonObject(
            [
                .. commands.Select(message => (Key(message), ReceiveOperation(message))),
                .. events.Select(message => (Key(message), SendOperation(message))),
                (AsyncApiOffers.Key, AsyncApiOffers.CreateOperation()),
            ]),
            ["components"] = new JsonObject
            {
                ["messages"] = ToJsonObject([.. ContractMessages.All.SelectMany(CreateForms), ("Fault", Fault())]),
                ["messageTraits"] = ToJsonObject([.. AsyncApiText.Traits]),
                ["schemas"] = ToJsonObject(
                [
                    .. described.Concat(schemas.Definitions).Select(schema => (schema.Key, schema.Value)),
                    ("Envelope", AsyncApiText.Envelope),
                ]),
            },
        };
    }

    private static JsonObject Server() => new()
    {
        ["host"] = "{host}",
        ["pathname"] = "/{vhost}",
        ["protocol"] = "amqp",
        ["protocolVersion"] = "0.9.1",
        ["description"] = "The RabbitMQ broker of the service.",
        ["variables"] = new JsonObject
        {
            ["host"] = new JsonObject { ["default"] = "localhost:5672", ["description"] = "Host and port." },
            ["vhost"] = new JsonObject { ["default"] = "", ["description"] = "The virtual host; empty for `/`." },
        },
    };

    private static JsonObject Channel(ContractMessage message) => new()
    {
        ["address"] = message.Exchange,
        ["title"] = message.Name,
        ["description"] = message.Kind == MessageKind.Command
            ? "Publish to this exchange, with any routing key. The service declares it at its first start; publishers need not declare it."
            : "Bind your own durable queue to this exchange, with any routing key. If the exchange does not exist yet, declare it as "
                + "described here.",
        ["messages"] = ToJsonObject([.. FormNames(message).Select(name => (name, Reference("components/messages", name)))]),
        ["bindings"] = new JsonObject
        {
            ["amqp"] = new JsonObject
            {
                ["is"] = "routingKey",
                ["exchange"] = new JsonObject
                {
                    ["name"] = message.Exchange,
                    ["type"] = "fanout",
                    ["durable"] = true,
                    ["autoDelete"] = false,
                },
                ["bindingVersion"] = AsyncApiText.AmqpBinding,
            },
        },
    };

    private static JsonObject Replies() => new()
    {
        ["address"] = null,
        ["title"] = "Replies",
        ["description"] = "The queue that the sender of a command names in `reply_to`, such as the broker's direct reply-to.",
        ["messages"] = ToJsonObject([.. ReplyNames.Select(name => (name, Reference("components/messages", name)))]),
    };

    private static JsonObject ReceiveOperation(ContractMessage message) => new()
    {
        ["action"] = "receive",
        ["channel"] = Reference("channels", Key(message)),
        ["title"] = message.Name,
        ["summary"] = FirstSentence(message),
        ["messages"] = References($"channels/{Key(message)}/messages", FormNames(message)),
        ["bindings"] = new JsonObject
        {
            ["amqp"] = new JsonObject { ["deliveryMode"] = 2, ["mandatory"] = true, ["bindingVersion"] = AsyncApiText.AmqpBinding },
        },
        ["reply"] = new JsonObject
        {
            ["address"] = new JsonObject
            {
                ["location"] = "$message.header#/reply_to",
                ["description"] = AsyncApiText.ReplyAddress,
            },
            ["channel"] = Reference("channels", "replies"),
            ["messages"] = References("channels/replies/messages", ReplyNames),
        },
    };

    private static JsonObject SendOperation(ContractMessage message) => new()
    {
        ["action"] = "send",
        ["channel"] = Reference("channels", Key(message)),
        ["title"] = message.Name,
        ["summary"] = FirstSentence(message),
        ["messages"] = References($"channels/{Key(message)}/messages", FormNames(message)),
        ["bindings"] = new JsonObject { ["amqp"] = new JsonObject { ["deliveryMode"] = 2, ["bindingVersion"] = AsyncApiText.AmqpBinding } },
    };

    private static JsonArray References(string section, IEnumerable<string> names) =>
        new([.. names.Select(name => Reference(section, name))]);

    private static JsonObject ToJsonObject(IReadOnlyCollection<(string Name, JsonObject Value)> values) =>
        new(values.Select(value => KeyValuePair.Create(value.Name, (JsonNode?)value.Value)));
}
