using System.Text.Json.Nodes;

namespace Runs.Tests.Contracts.Messages;

/// <summary>What the description of the messages says in words, and what holds for every message: the promises, envelopes and properties.</summary>
internal static class AsyncApiText
{
    public const string RawJson = "application/json";

    public const string AmqpBinding = "0.3.0";

    public const string Introduction = """
        The control plane for durable runs of agents, tasks, workflows and evaluations, as other services meet it on RabbitMQ. Publish a command to
        ask for something; bind a queue to an event's exchange to be told what happened.

        **Sending a command.** The body is the message as JSON with members in snake case, content type `application/json`, or a MassTransit
        envelope around it, `application/vnd.masstransit+json`. Set `message_id` to a UUID and keep it when you publish the same command again.
        Publish persistent and mandatory, with publisher confirms: a command that the broker has confirmed and not returned is handled, or is found in
        `runs-lifecycle_error` with its cause in the header `MT-Fault-Message`, or, given up by the broker, in `runs-dead-letters`.

        **Answers.** Who wants one names a queue in `reply_to`, and gets the answer as raw JSON with the `correlation_id` of the command; the property
        `type` says which answer it is: `RunSnapshot`, `RunRejected`, or `Fault` for a command that cannot be right. In an envelope, `responseAddress`
        and `requestId` do the same, and the answer is an envelope; so it is for raw JSON with the header `MT-Response-Address`, an address of
        MassTransit's such as `exchange:name`. No answer in time says nothing: send the command again.

        **Idempotency.** Every command may be sent any number of times. The key of a create is tenant and run id; commands on a run say what is to be
        so, and change nothing where it is so. The first outcome of a run stands. A command that is delivered again under the same message id is
        told what its first delivery was told, where that matters: who created the run, who ended it.

        **Order.** None is promised, and none may be relied on, neither between commands nor between events, of one run or of several. What overtakes
        its predecessor is handled: an outcome that comes before its start implies it, and a cancel that asks for no answer and comes before its
        create is kept for it.

        **Events.** They are sent at least once, each with the same message id every time, after the state that they tell of is stored. Listeners
        drop what they have seen, by message id, or act so that a repeat does no harm. `occurred_at` says when it happened.

        **Versions.** Members and members of enumerations are added; they are never removed, renamed, retyped or made required. Ignore what you do not
        know: this service does. Whatever would break this comes as a message with a new name, beside the old one.

        The schemas are also served one by one, at `/schemas/create-run.json` and so on, and this document at `/asyncapi.yaml`.
        """;

    public const string ReplyAddress =
        "The AMQP property `reply_to`. In an envelope it is `responseAddress`; raw JSON may give the header `MT-Response-Address` instead. "
        + "Without any of them nothing is answered.";

    private const string MessageId = "A UUID, the same each time the message is sent. Without one, or with another text, a redelivery is taken for a repeat.";

    public static IEnumerable<(string, JsonObject)> Traits =>
    [
        ("rawCommand", new JsonObject
        {
            ["contentType"] = RawJson,
            ["headers"] = PropertiesSchema(
                ("message_id", MessageId),
                ("reply_to", "The queue that the answer goes to; without it there is none."),
                ("correlation_id", "Any text; the answer has it too."),
                ("MT-Response-Address", "A header: where MassTransit is to send the answer, as an envelope. Goes before `reply_to`.")),
            ["correlationId"] = new JsonObject { ["location"] = "$message.header#/correlation_id" },
        }),
        ("rawReply", new JsonObject
        {
            ["contentType"] = RawJson,
            ["headers"] = PropertiesSchema(
                ("type", "The name of the message."),
                ("correlation_id", "The command's own.")),
            ["correlationId"] = new JsonObject { ["location"] = "$message.header#/correlation_id" },
        }),
        ("envelope", new JsonObject
        {
            ["contentType"] = "application/vnd.masstransit+json",
            ["correlationId"] = new JsonObject { ["location"] = "$message.payload#/requestId" },
        }),
    ];

    public static JsonObject Envelope => new()
    {
        ["description"] = "What MassTransit puts around a message. It has more members than these; nobody needs to send or read them.",
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["messageId"] = UuidProperty(MessageId),
            ["requestId"] = UuidProperty("A command's own, and its answer's."),
            ["responseAddress"] = new JsonObject
            {
                ["description"] = "Where the answer goes; without it there is none.",
                ["type"] = new JsonArray("string", "null"),
            },
            ["messageType"] = new JsonObject { ["description"] = "What the message is.", ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
            ["message"] = new JsonObject { ["description"] = "The message, as it is in raw JSON.", ["type"] = "object" },
        },
        ["required"] = new JsonArray("messageType", "message"),
    };

    public static JsonObject WrapInEnvelope(ContractMessage message, JsonNode? body) => new()
    {
        ["messageId"] = "01991a3e-7c00-7000-8000-000000000001",
        ["messageType"] = new JsonArray(message.Urn),
        ["message"] = body,
    };

    /// <summary>The AMQP property <c>type</c>, by which answers are told apart.</summary>
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
        ["description"] = "Properties of AMQP, and headers where it says so.",
        ["properties"] = new JsonObject(properties.Select(property => KeyValuePair.Create(
            property.Name, (JsonNode?)new JsonObject { ["description"] = property.Description, ["type"] = "string" }))),
    };
}
