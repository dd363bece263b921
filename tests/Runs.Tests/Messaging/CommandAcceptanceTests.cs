using System.Text;
using RabbitMQ.Client;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Tests.Batches;

namespace Runs.Tests.Messaging;

/// <summary>The trust boundary to the broker: which messages are commands, and which are rejected.</summary>
public sealed class CommandAcceptanceTests
{
    private const string Cancel = """{"tenant":"acme","run_id":"run_1"}""";

    private static readonly byte[] Batch = new EncodedBatch(
        BatchFormat.Commands,
        [BatchFormat.Commands.WriteItem(Guid.Empty, new CancelRun { Tenant = "acme", RunId = "run_1" })]).ToJson();

    private static readonly Dictionary<string, Publisher> NoPublishers = [];

    private static readonly Dictionary<string, Publisher> Publishers = new()
    {
        ["billing"] = new Publisher { Tenants = ["acme", "acme-test"] },
        ["back-office"] = new Publisher { Tenants = ["*"] },
    };

    [Fact]
    public void Raw_JSON_is_read_as_the_command_of_its_exchange() => Assert.IsType<CancelRun>(Read("runs.cancel-run", Cancel));

    [Theory]
    [InlineData("runs.start-run", "urn:message:Runs.Contracts:CancelRun")]
    [InlineData("runs.start-run", "nonsense")]
    [InlineData("", null)]
    [InlineData("", "urn:message:Runs.Lifecycle:RunDue")]
    [InlineData("", "urn:message:Runs.Contracts:CancelRun;urn:message:Runs.Contracts:StartRun")]
    [InlineData("runs-lifecycle", "urn:message:Runs.Contracts:RunSnapshot")]
    public void Raw_JSON_with_a_different_message_type_is_rejected(string exchange, string? type)
    {
        var rejected = AssertRejected(exchange, Cancel, PropertiesWithHeader("MT-MessageType", type));

        Assert.Contains("message type", rejected.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_requeued_command_is_read_by_its_message_type_header() =>
        Assert.IsType<CancelRun>(Read("", Cancel, PropertiesWithHeader("MT-MessageType", "urn:message:Runs.Contracts:CancelRun")));

    [Theory]
    [InlineData("runs.cancel-run", "CancelRun", true)]
    [InlineData("", "CancelRun", true)]
    [InlineData("runs-commands", "CancelRun", true)]
    [InlineData("runs.cancel-run", "StartRun", false)]
    [InlineData("runs.create-run", "CancelRun", false)]
    [InlineData("runs-commands", "RunDue", false)]
    public void An_envelope_must_contain_the_message_type_of_its_exchange(string exchange, string type, bool accepted)
    {
        var envelope = $$"""{"messageType":["urn:message:Other:Base","urn:message:Runs.Contracts:{{type}}"],"message":{{Cancel}}}""";
        if (accepted)
        {
            Assert.IsType<CancelRun>(Read(exchange, envelope, EnvelopeProperties()));
        }
        else
        {
            AssertRejected(exchange, envelope, EnvelopeProperties());
        }
    }

    [Theory]
    [InlineData("null", "JSON object")]
    [InlineData("", "cannot be read")]
    [InlineData("[1]", "CancelRun")]
    [InlineData("""{"tenant":"acme"}""", "run_id")]
    [InlineData("\uFEFF{}", "cannot be read")]
    public void An_invalid_command_is_rejected_with_its_cause(string body, string cause) =>
        Assert.Contains(cause, AssertRejected("runs.cancel-run", body).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"messageType":["urn:message:Runs.Contracts:CancelRun"]}""")]
    [InlineData("""{"messageType":["urn:message:Runs.Contracts:CancelRun"],"message":null}""")]
    [InlineData("""{"messageType":[null],"message":{}}""")]
    [InlineData("""{"messageType":{"a":1},"message":{}}""")]
    public void An_invalid_envelope_is_rejected(string body) => AssertRejected("runs.cancel-run", body, EnvelopeProperties());

    [Fact]
    public void A_compressed_body_is_rejected() =>
        AssertRejected("runs.cancel-run", Cancel, new BasicProperties { ContentEncoding = "gzip" });

    [Theory]
    [InlineData("billing", "acme", true)]
    [InlineData("billing", "other", false)]
    [InlineData("back-office", "other", true)]
    [InlineData("unknown", "acme", false)]
    [InlineData(null, "acme", false)]
    [InlineData("runs", "other", true)]
    public void A_publisher_may_send_commands_only_for_its_tenants(string? user, string tenant, bool accepted)
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
            AssertRejected("runs.cancel-run", body, properties, Publishers);
        }
    }

    [Theory]
    [InlineData("tru}")]
    [InlineData("1, \"run_id\": 5}")]
    public void The_cause_of_a_rejection_does_not_quote_the_message(string rest)
    {
        var rejected = AssertRejected("runs.cancel-run", "{\"" + new string('x', 1_000_000) + "\": " + rest);

        Assert.InRange(PublicFault.GetPublicCause(rejected).Length, 1, 200);
    }

    [Fact]
    public void With_configured_publishers_every_command_needs_a_user_id()
    {
        AssertRejected("runs-commands", Cancel, PropertiesWithHeader("MT-MessageType", "urn:message:Runs.Contracts:CancelRun"), Publishers);
        AssertRejected("", Cancel, PropertiesWithHeader("MT-MessageType", "urn:message:Runs.Contracts:CancelRun"), Publishers);
    }

    [Theory]
    [InlineData("runs-commands", null, false, true)]
    [InlineData("runs.cancel-run", "runs", false, false)]
    [InlineData("", null, false, false)]
    [InlineData("runs-commands", "runs", true, true)]
    [InlineData("runs-commands", null, true, false)]
    [InlineData("runs-commands", "billing", true, false)]
    [InlineData("runs.cancel-run", "runs", true, false)]
    public void Only_commands_from_the_API_exchange_are_treated_as_API_commands(
        string exchange, string? user, bool hasConfiguredPublishers, bool isFromApi)
    {
        var properties = new BasicProperties();
        if (user is not null)
        {
            properties.UserId = user;
        }

        var reader = CreateReader(hasConfiguredPublishers ? Publishers : NoPublishers);
        Assert.Equal(isFromApi, reader.IsFromApi(new Delivery(exchange, properties, [])));
    }

    [Theory]
    [InlineData("runs-commands", null, false, true)]
    [InlineData("runs-commands", "runs", true, true)]
    [InlineData("runs-commands", "billing", true, false)]
    [InlineData("runs-commands", null, true, false)]
    [InlineData("runs.create-run", null, false, false)]
    [InlineData("runs-lifecycle", "runs", true, false)]
    [InlineData("", "runs", true, false)]
    public void Only_the_API_may_send_batches(string exchange, string? user, bool hasConfiguredPublishers, bool accepted)
    {
        var properties = new BasicProperties { ContentType = BatchFormat.Commands.ContentType };
        if (user is not null)
        {
            properties.UserId = user;
        }

        var reader = CreateReader(hasConfiguredPublishers ? Publishers : NoPublishers);
        var delivery = new Delivery(exchange, properties, Batch);

        Assert.True(delivery.IsBatch);
        if (accepted)
        {
            Assert.IsType<CancelRun>(Assert.Single(reader.ReadBatch(delivery).Commands).GetMessage());
        }
        else
        {
            var rejected = Assert.Throws<InvalidMessageException>(() => reader.ReadBatch(delivery));
            Assert.Contains("API", rejected.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("application/vnd.runs.commands+json; version=2", "version")]
    [InlineData("application/vnd.runs.commands+json", "version")]
    public void A_batch_of_an_unknown_version_is_rejected(string contentType, string cause)
    {
        var delivery = new Delivery("runs-commands", new BasicProperties { ContentType = contentType }, Batch);

        Assert.True(delivery.IsBatch);
        var rejected = Assert.Throws<InvalidMessageException>(() => CreateReader(NoPublishers).ReadBatch(delivery));
        Assert.Contains(cause, rejected.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_cannot_be_read_is_rejected_with_its_cause()
    {
        var properties = new BasicProperties { ContentType = BatchFormat.Commands.ContentType };
        var delivery = new Delivery("runs-commands", properties, "[{}]"u8.ToArray());

        var rejected = Assert.Throws<InvalidMessageException>(() => CreateReader(NoPublishers).ReadBatch(delivery));
        Assert.Contains("message_id", rejected.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_contains_the_cause_of_a_rejection_and_no_details_of_other_exceptions()
    {
        Assert.Equal("wrong", PublicFault.GetPublicCause(new InvalidMessageException("wrong")));
        Assert.Equal(PublicFault.InternalCause, PublicFault.GetPublicCause(new TimeoutException("db-1.internal:27017 did not answer")));
    }

    private static CommandReader CreateReader(Dictionary<string, Publisher> publishers) => new(
        LifecycleMessages.All.ToDictionary(BusConfiguration.GetEntityName),
        new ReplyQueuePolicy([]),
        new PublisherPermissions(publishers, "runs", "runs-commands"));

    private static BasicProperties PropertiesWithHeader(string name, string? value) =>
        new() { Headers = value is null ? null : new Dictionary<string, object?> { [name] = Encoding.UTF8.GetBytes(value) } };

    private static BasicProperties EnvelopeProperties() => new() { ContentType = "application/vnd.masstransit+json; charset=utf-8" };

    private static object Read(
        string exchange, string body, BasicProperties? properties = null, Dictionary<string, Publisher>? publishers = null)
    {
        var delivery = new Delivery(exchange, properties ?? new BasicProperties(), Encoding.UTF8.GetBytes(body));
        var reader = CreateReader(publishers ?? NoPublishers);
        var command = reader.ReadCommand(delivery, CommandReader.ReadEnvelope(delivery));
        reader.CheckPermissions(delivery, command);
        return command;
    }

    private static InvalidMessageException AssertRejected(
        string exchange, string body, BasicProperties? properties = null, Dictionary<string, Publisher>? publishers = null) =>
        Assert.Throws<InvalidMessageException>(() => Read(exchange, body, properties, publishers));
}
