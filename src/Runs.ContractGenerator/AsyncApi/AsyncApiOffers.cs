using System.Text.Json.Nodes;
using static Runs.ContractGenerator.AsyncApiMessages;

namespace Runs.ContractGenerator;

/// <summary>
/// The channel of offers in the AsyncAPI document: the events that announce that a run may be claimed.
/// </summary>
internal static class AsyncApiOffers
{
    /// <summary>The key of the channel and of its operation.</summary>
    public const string Key = "offers";

    private static IEnumerable<ContractMessage> Events =>
        ContractMessages.OfKind(MessageKind.Event).Where(message => OfferExchange.Events.Contains(message.Type));

    /// <summary>Creates the channel.</summary>
    public static JsonObject CreateChannel() => new()
    {
        ["address"] = OfferExchange.Name,
        ["title"] = "Offers",
        ["description"] =
            "Bind your own durable queue to this exchange for the runs that you execute, instead of binding it to the exchanges of "
            + "`RunAccepted` and `RunReady`. The routing key is `<tenant>.<kind>.<target id>`, such as `acme.task.rebuild-index`. For a "
            + "run that names an `implementation_kind` it is `<tenant>.implementation.<implementation_kind>`, followed by the `worker_key` "
            + "if the run has one. In each part, `%`, `.`, `*` and `#` are percent-encoded. When the key would be longer than 255 bytes, "
            + "its last part is `h_` and the SHA-256 of the unencoded part in lower-case hex; a tenant of more than 100 bytes is replaced "
            + "likewise. An event that offers nothing, because the creator of the run executes it, has an empty routing key. The exchange "
            + "forwards the events of the other two: no message is published twice.",
        ["messages"] = new JsonObject(Events.SelectMany(FormNames)
            .Select(name => KeyValuePair.Create(name, (JsonNode?)Reference("components/messages", name)))),
        ["bindings"] = new JsonObject
        {
            ["amqp"] = new JsonObject
            {
                ["is"] = "routingKey",
                ["exchange"] = new JsonObject
                {
                    ["name"] = OfferExchange.Name,
                    ["type"] = "topic",
                    ["durable"] = true,
                    ["autoDelete"] = false,
                },
                ["bindingVersion"] = AsyncApiText.AmqpBinding,
            },
        },
    };

    /// <summary>Creates the operation.</summary>
    public static JsonObject CreateOperation() => new()
    {
        ["action"] = "send",
        ["channel"] = Reference("channels", Key),
        ["title"] = "Offers",
        ["summary"] = "Announces that a run may be claimed.",
        ["messages"] = new JsonArray([.. Events.SelectMany(FormNames).Select(name => Reference($"channels/{Key}/messages", name))]),
        ["bindings"] = new JsonObject { ["amqp"] = new JsonObject { ["deliveryMode"] = 2, ["bindingVersion"] = AsyncApiText.AmqpBinding } },
    };
}
