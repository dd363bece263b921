namespace Runs.Tests.Messaging;

/// <summary>Replies go to temporary queues and configured queues only.</summary>
public sealed class ReplyQueuePolicyTests
{
    private const string TemporaryQueue = "machine_process_bus_y6boyyyft3ra1mdbbdxtf3ym1o";

    private static readonly ReplyQueuePolicy Policy = new(["billing-replies", "crm.*"]);

    [Theory]
    [InlineData("amq.gen-JzTY20BRgKO-HjmUJj0wLg")]
    [InlineData("amq.rabbitmq.reply-to.g1h2AA5yZXBseUAyMTk+/=.abc==")]
    [InlineData("billing-replies")]
    [InlineData("crm.answers")]
    public void A_temporary_or_configured_reply_queue_is_accepted(string queue) =>
        Assert.Equal(queue, Policy.ResolveQueue(queue));

    [Theory]
    [InlineData("runs-lifecycle")]
    [InlineData("other-app-orders")]
    [InlineData("amq.rabbitmq.reply-to")]
    [InlineData("amq.gen-x\n")]
    [InlineData("billing-replies-2")]
    [InlineData("amq.topic")]
    public void Any_other_reply_queue_is_rejected(string queue) =>
        Assert.Throws<InvalidMessageException>(() => Policy.ResolveQueue(queue));

    [Theory]
    [InlineData("rabbitmq://broker/tenants/" + TemporaryQueue + "?temporary=true&bind=true&queue=other-app-orders", TemporaryQueue)]
    [InlineData("rabbitmqs://broker:5671/" + TemporaryQueue, TemporaryQueue)]
    [InlineData("queue:billing-replies?bind=true", "billing-replies")]
    [InlineData("exchange:crm.answers?type=direct&alternateexchange=x", "crm.answers")]
    [InlineData("rabbitmq://localhost/amq.rabbitmq.reply-to?temporary=true", "amq.gen-own")]
    public void Only_the_queue_name_of_a_response_address_is_used(string address, string queue) =>
        Assert.Equal(queue, Policy.ResolveQueue(address, "amq.gen-own"));

    [Theory]
    [InlineData("queue:runs-lifecycle")]
    [InlineData("exchange:runs.run-accepted?bind=true&queue=amq.gen-own")]
    [InlineData("rabbitmq://localhost/")]
    [InlineData("http://example.org/amq.gen-own")]
    [InlineData("loopback://localhost/billing-replies")]
    [InlineData("not a uri")]
    [InlineData("queue:" + TemporaryQueue + "x")]
    public void Any_other_response_address_is_rejected(string address) =>
        Assert.Throws<InvalidMessageException>(() => Policy.ResolveQueue(address, "amq.gen-own"));
}
