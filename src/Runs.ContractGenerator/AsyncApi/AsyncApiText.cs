using System.Text.Json.Nodes;

namespace Runs.ContractGenerator;

/// <summary>
/// The parts of the AsyncAPI document that all messages share: content type, AMQP properties and envelope.
/// </summary>
internal static class AsyncApiText
{
    /// <summary>The content type of a message without an envelope.</summary>
    public const string RawJson = "application/json";

    /// <summary>The version of the AMQP binding.</summary>
    public const string AmqpBinding = "0.3.0";

    /// <summary>The description of a command's reply address.</summary>
    public const string ReplyAddress =
        "The AMQP property `reply_to`. In an envelope, `responseAddress`; raw JSON may have the header `MT-Response-Address` instead. "
        + "Without a reply address, no reply is sent.";

    private const string MessageId =
        "A UUID, the same each time the message is sent. Without a UUID, the service cannot distinguish a redelivery from a repeat.";

    /// <summary>The properties that messages of one form have.</summary>
    public static IEnumerable<(string, JsonObject)> Traits =>
    [
        ("rawCommand", new JsonObject
        {
            ["contentType"] = RawJson,
            ["headers"] = PropertiesSchema(
                ("message_id", MessageId),
                ("reply_to", "The queue that the reply is sent to. When absent, no reply is sent."),
                ("correlation_id", "Any text. The reply has the same."),
                (
                    "MT-Response-Address",
                    "A header: the MassTransit address that the reply is sent to, in an envelope. Takes precedence over `reply_to`.")),
            ["correlationId"] = new JsonObject { ["location"] = "$message.header#/correlation_id" },
        }),
        ("rawReply", new JsonObject
        {
            ["contentType"] = RawJson,
            ["headers"] = PropertiesSchema(
                ("type", "The name of the message."),
                ("correlation_id", "The correlation id of the command.")),
            ["correlationId"] = new JsonObject { ["location"] = "$message.header#/correlation_id" },
        }),
        ("envelope", new JsonObject
        {
            ["contentType"] = "application/vnd.masstransit+json",
            ["correlationId"] = new JsonObject { ["location"] = "$message.payload#/requestId" },
        }),
    ];

    /// <summary>The schema of a MassTransit envelope.</summary>
    public static JsonObject Envelope => new()
    {
        ["description"] = "The MassTransit envelope of a message. Its other members are optional.",
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["messageId"] = UuidProperty(MessageId),
            ["requestId"] = UuidProperty("The id of a request. The reply has the same."),
            ["responseAddress"] = new JsonObject
            {
                ["description"] = "The address that the reply is sent to. When absent, no reply is sent.",
                ["type"] = new JsonArray("string", "null"),
            },
            ["messageType"] = new JsonObject
            {
                ["description"] = "The types of the message, as URNs.",
                ["type"] = "array",
                ["items"] = new JsonObject { ["type"] = "string" },
            },
            ["message"] = new JsonObject { ["description"] = "The message, the same as in raw JSON.", ["type"] = "object" },
        },
        ["required"] = new JsonArray("messageType", "message"),
    };

    /// <summary>An example of a message in an envelope.</summary>
    public static JsonObject WrapInEnvelope(ContractMessage message, JsonNode? body) => new()
    {
        ["messageId"] = "01991a3e-7c00-7000-8000-000000000001",
        ["messageType"] = new JsonArray(message.Urn),
        ["message"] = body,
    };

    /// <summary>The AMQP property <c>type</c>, which distinguishes the raw replies.</summary>
    public static JsonObject AmqpTypeBinding(string name) => new()
    {
        ["amqp"] = new JsonObject { ["messageType"] = name, ["bindingVersion"] = AmqpBinding },
    };

    private static JsonObject UuidProperty(string description) => new()
    {
        ["description"] = description,
        ["type"] = new JsonArray("string", "null"),
        ["format"] = "uuid",
    };

    private static JsonObject PropertiesSchema(params (string Name, string Description)[] properties) => new()
    {
        ["type"] = "object",
        ["description"] = "AMQP properties, and headers where stated.",
        ["properties"] = new JsonObject(properties.Select(property => KeyValuePair.Create(
            property.Name, (JsonNode?)new JsonObject { ["description"] = property.Description, ["type"] = "string" }))),
    };
}
