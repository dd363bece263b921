using System.Text;
using RabbitMQ.Client;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Server.Acceptance;
using Bus = Runs.Server.Bus;

namespace Runs.Tests.Messaging;

/// <summary>Which messages of publishers are commands, where their answers may go, and what is rejected before anything is done.</summary>
public sealed class AcceptingCommands
{
    private const string Cancel = """{"tenant":"acme","run_id":"run_1"}""";
    private const string TemporaryQueue = "machine_process_bus_y6boyyyft3ra1mdbbdxtf3ym1o";

    private static readonly Dictionary<string, Publisher> Nobody = [];

    private static readonly Dictionary<string, Publisher> Publishers = new()
    {
        ["billing"] = new Publisher { Tenants = ["acme", "acme-test"] },
        ["back-office"] = new Publisher { Tenants = ["*"] },
    };

    [Theory]
    [InlineData("amq.gen-JzTY20BRgKO-HjmUJj0wLg")]
    [InlineData("amq.rabbitmq.reply-to.g1h2AA5yZXBseUAyMTk+/=.abc==")]
    [InlineData("billing-replies")]
    [InlineData("crm.answers")]
    public void A_temporary_or_configured_reply_queue_is_accepted(string queue) => Assert.Equal(queue, Replies().QueueOf(queue));

    [Theory]
    [InlineData("runs-lifecycle")]
    [InlineData("other-app-orders")]
    [InlineData("amq.rabbitmq.reply-to")]
    [InlineData("amq.gen-x\n")]
    [InlineData("billing-replies-2")]
    [InlineData("amq.topic")]
    public void Any_other_reply_queue_is_rejected(string queue) => Assert.Throws<InvalidMessageException>(() => Replies().QueueOf(queue));

    [Theory]
    [InlineData("rabbitmq://broker/tenants/" + TemporaryQueue + "?temporary=true&bind=true&queue=other-app-orders", TemporaryQueue)]
    [InlineData("rabbitmqs://broker:5671/" + TemporaryQueue, TemporaryQueue)]
    [InlineData("queue:billing-replies?bind=true", "billing-replies")]
    [InlineData("exchange:crm.answers?type=direct&alternateexchange=x", "crm.answers")]
    [InlineData("rabbitmq://localhost/amq.rabbitmq.reply-to?temporary=true", "amq.gen-own")]
    public void Of_a_response_address_only_the_name_counts(string address, string queue) => Assert.Equal(queue, Replies().QueueOf(address, "amq.gen-own"));

    [Theory]
    [InlineData("queue:runs-lifecycle")]
    [InlineData("exchange:runs.run-accepted?bind=true&queue=amq.gen-own")]
    [InlineData("rabbitmq://localhost/")]
    [InlineData("http://example.org/amq.gen-own")]
    [InlineData("loopback://localhost/billing-replies")]
    [InlineData("not a uri")]
    [InlineData("queue:" + TemporaryQueue + "x")]
    public void Any_other_response_address_is_rejected(string address) => Assert.Throws<InvalidMessageException>(() => Replies().QueueOf(address, "amq.gen-own"));

    [Theory]
    [InlineData("*")]
    [InlineData("r*")]
    [InlineData("runs-lifecycle")]
    [InlineData("runs.*")]
    [InlineData(" ")]
    public void A_setting_that_includes_the_services_own_queues_is_an_error(string pattern) =>
        Assert.Single(new PublisherOptions { ReplyQueues = ["billing-replies", pattern] }.Validate(null!));

    [Fact]
    public void A_publisher_without_tenants_is_an_error() =>
        Assert.Contains("billing", Assert.Single(new PublisherOptions { Publishers = { ["billing"] = new Publisher() } }.Validate(null!)).ErrorMessage, StringComparison.Ordinal);

    [Fact]
    public void Raw_json_is_what_its_exchange_is_for() => Assert.IsType<CancelRun>(Read("runs.cancel-run", Cancel));

    [Theory]
    [InlineData("runs.start-run", "urn:message:Runs.Contracts:CancelRun")]
    [InlineData("runs.start-run", "nonsense")]
    [InlineData("", null)]
    [InlineData("", "urn:message:Runs.Lifecycle:RunDue")]
    [InlineData("", "urn:message:Runs.Contracts:CancelRun;urn:message:Runs.Contracts:StartRun")]
    [InlineData("runs-lifecycle", "urn:message:Runs.Contracts:RunSnapshot")]
    public void Raw_json_of_another_type_is_rejected(string exchange, string? type) =>
        Assert.Contains("message type", Rejected(exchange, Cancel, Headers("MT-MessageType", type)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_command_that_is_put_back_into_the_queue_says_itself_what_it_is() =>
        Assert.IsType<CancelRun>(Read("", Cancel, Headers("MT-MessageType", "urn:message:Runs.Contracts:CancelRun")));

    [Theory]
    [InlineData("runs.cancel-run", "CancelRun", true)]
    [InlineData("", "CancelRun", true)]
    [InlineData("runs-commands", "CancelRun", true)]
    [InlineData("runs.cancel-run", "StartRun", false)]
    [InlineData("runs.create-run", "CancelRun", false)]
    [InlineData("runs-commands", "RunDue", false)]
    public void An_envelope_has_to_name_the_type_of_its_exchange(string exchange, string type, bool accepted)
    {
        var envelope = $$"""{"messageType":["urn:message:Other:Base","urn:message:Runs.Contracts:{{type}}"],"message":{{Cancel}}}""";
        if (accepted)
        {
            Assert.IsType<CancelRun>(Read(exchange, envelope, Enveloped()));
        }
        else
        {
            Rejected(exchange, envelope, Enveloped());
        }
    }

    [Theory]
    [InlineData("null", "JSON object")]
    [InlineData("", "cannot be read")]
    [InlineData("[1]", "CancelRun")]
    [InlineData("""{"tenant":"acme"}""", "run_id")]
    [InlineData("\uFEFF{}", "cannot be read")]
    public void What_is_no_command_is_rejected_with_its_cause(string body, string cause) =>
        Assert.Contains(cause, Rejected("runs.cancel-run", body).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"messageType":["urn:message:Runs.Contracts:CancelRun"]}""")]
    [InlineData("""{"messageType":["urn:message:Runs.Contracts:CancelRun"],"message":null}""")]
    [InlineData("""{"messageType":[null],"message":{}}""")]
    [InlineData("""{"messageType":{"a":1},"message":{}}""")]
    public void What_is_no_envelope_is_rejected(string body) => Rejected("runs.cancel-run", body, Enveloped());

    [Fact]
    public void A_compressed_body_is_rejected() => Rejected("runs.cancel-run", Cancel, new BasicProperties { ContentEncoding = "gzip" });

    [Theory]
    [InlineData("billing", "acme", true)]
    [InlineData("billing", "other", false)]
    [InlineData("back-office", "other", true)]
    [InlineData("unknown", "acme", false)]
    [InlineData(null, "acme", false)]
    [InlineData("runs", "other", true)]
    public void A_publisher_sends_commands_for_its_tenants(string? user, string tenant, bool accepted)
    {
        var (body, properties) = ($$"""{"tenant":"{{tenant}}","run_id":"run_1"}""", new BasicProperties());
        if (user is not null)
        {
            properties.UserId = user;
        }

        if (accepted)
        {
            Read("runs.cancel-run", body, properties, Publishers);
        }
        else
        {
            Rejected("runs.cancel-run", body, properties, Publishers);
        }
    }

    [Theory]
    [InlineData("tru}")]
    [InlineData("1, \"run_id\": 5}")]
    public void The_cause_does_not_quote_what_the_publisher_chose(string rest)
    {
        var rejected = Rejected("runs.cancel-run", "{\"" + new string('x', 1_000_000) + "\": " + rest);

        Assert.InRange(PublicFault.CauseOf(rejected).Length, 1, 200);
    }

    [Fact]
    public void Where_publishers_are_told_apart_no_exchange_stands_for_a_user()
    {
        Rejected("runs-commands", Cancel, Headers("MT-MessageType", "urn:message:Runs.Contracts:CancelRun"), Publishers);
        Rejected("", Cancel, Headers("MT-MessageType", "urn:message:Runs.Contracts:CancelRun"), Publishers);
    }

    [Theory]
    [InlineData("runs-commands", null, false, true)]
    [InlineData("runs.cancel-run", "runs", false, false)]
    [InlineData("", null, false, false)]
    [InlineData("runs-commands", "runs", true, true)]
    [InlineData("runs-commands", null, true, false)]
    [InlineData("runs-commands", "billing", true, false)]
    [InlineData("runs.cancel-run", "runs", true, false)]
    public void Only_what_came_through_the_exchange_of_the_API_counts_as_sent_by_it(string exchange, string? user, bool publishersAreKnown, bool isFromApi)
    {
        var properties = new BasicProperties();
        if (user is not null)
        {
            properties.UserId = user;
        }

        Assert.Equal(isFromApi, Reader(publishersAreKnown ? Publishers : Nobody).IsFromApi(new Delivery(exchange, properties, [])));
    }

    [Fact]
    public void A_fault_says_the_cause_of_a_rejection_and_nothing_of_any_other_failure()
    {
        Assert.Equal("wrong", PublicFault.CauseOf(new InvalidMessageException("wrong")));
        Assert.Equal(PublicFault.Internal, PublicFault.CauseOf(new TimeoutException("db-1.internal:27017 did not answer")));
    }

    private static ReplyQueues Replies() => new(["billing-replies", "crm.*"]);

    private static CommandReader Reader(Dictionary<string, Publisher> publishers) => new(
        MessageRules.Commands.Concat(MessageRules.Internal).ToDictionary(Bus.EntityNameOf), Replies(), new PublisherRights(publishers, "runs", "runs-commands"));

    private static BasicProperties Headers(string name, string? value) =>
        new() { Headers = value is null ? null : new Dictionary<string, object?> { [name] = Encoding.UTF8.GetBytes(value) } };

    private static BasicProperties Enveloped() => new() { ContentType = "application/vnd.masstransit+json; charset=utf-8" };

    private static object Read(string exchange, string body, BasicProperties? properties = null, Dictionary<string, Publisher>? publishers = null)
    {
        var delivery = new Delivery(exchange, properties ?? new BasicProperties(), Encoding.UTF8.GetBytes(body));
        var reader = Reader(publishers ?? Nobody);
        var command = reader.CommandOf(delivery, CommandReader.EnvelopeOf(delivery));
        reader.CheckRights(delivery, command);
        return command;
    }

    private static InvalidMessageException Rejected(
        string exchange, string body, BasicProperties? properties = null, Dictionary<string, Publisher>? publishers = null) =>
        Assert.Throws<InvalidMessageException>(() => Read(exchange, body, properties, publishers));
}
