using Microsoft.Extensions.Configuration;

namespace Runs.Tests.Messaging;

public sealed class RabbitMqAddressTests
{
    private const string Password = "s3cr+t";

    [Fact]
    public void Several_hosts_with_and_without_ports_are_the_nodes_of_one_cluster()
    {
        var address = RabbitMqConnectionString.Parse("amqps://us%40er:p%2Fw%25@a.example,b.example:5999,[::1]:6000,10.0.0.1/my%2Fhost");

        Assert.True(address.UsesTls);
        Assert.Equal([new("a.example", 5671), new("b.example", 5999), new("::1", 6000), new("10.0.0.1", 5671)], address.Nodes);
        Assert.Equal(("us@er", "p/w%", "my/host"), (address.UserName, address.Password, address.VirtualHost));
    }

    [Theory]
    [InlineData("amqp://broker", "/")]
    [InlineData("amqp://broker/", "/")]
    [InlineData("amqp://broker/%2F", "/")]
    [InlineData("AMQP://broker/runs", "runs")]
    [InlineData("amqp://broker/runs/", "runs")]
    public void Omitted_parts_have_the_usual_defaults(string text, string virtualHost)
    {
        var address = RabbitMqConnectionString.Parse(text);

        Assert.Equal((false, "guest", "guest", virtualHost), (address.UsesTls, address.UserName, address.Password, address.VirtualHost));
        Assert.Equal([new("broker", 5672)], address.Nodes);
    }

    [Theory]
    [InlineData("broker:5672", "must begin with amqp:// or amqps://")]
    [InlineData("http://u:s3cr+t@broker/", "must begin with amqp:// or amqps://")]
    [InlineData("amqps://u:s3cr+t@/vhost", "neither a name nor an address (number 1")]
    [InlineData("amqps://u:s3cr+t@a,,b/", "neither a name nor an address (number 2")]
    [InlineData("amqps://u:s3cr+t@a,b:70000/", "a port that is not a number from 1 to 65535 (host 2")]
    [InlineData("amqps://u:s3cr+t@a:s3cr+t/", "a port that is not a number from 1 to 65535 (host 1")]
    [InlineData("amqps://s3cr+t@a/", "must have user:password")]
    [InlineData("amqps://:s3cr+t@a/", "must have user:password")]
    [InlineData("amqps://u:s3cr+t/x@a/", "write it as %2F")]
    [InlineData("amqps://u:s3cr+t?x@a/", "write them as %3F and %23")]
    [InlineData("amqps://u:s3cr+t@a/vhost?heartbeat=5", "takes no options")]
    [InlineData("amqps://u:s3cr+t@a/one/two", "more than one virtual host")]
    public void An_invalid_connection_string_is_rejected_with_cause_and_setting_but_without_the_password(string text, string cause)
    {
        var exception = Assert.Throws<InvalidOperationException>(() => RabbitMqConnectionString.Parse(text));

        Assert.Contains(cause, exception.Message, StringComparison.Ordinal);
        Assert.StartsWith("ConnectionStrings:RabbitMq ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amqp://localhost,127.0.0.1,[::1]/", false)]
    [InlineData("amqp://127.0.0.1,broker/", true)]
    [InlineData("amqps://broker/", false)]
    public void Only_unencrypted_connections_beyond_loopback_cause_a_warning(string text, bool isPlainBeyondLoopback) =>
        Assert.Equal(isPlainBeyondLoopback, new RabbitMqConnectionSettings(RabbitMqConnectionString.Parse(text)).IsUnencryptedOverNetwork);

    [Fact]
    public void A_CA_file_requires_TLS_and_a_certificate_in_the_file()
    {
        var empty = Path.Combine(Path.GetTempPath(), $"{TestRequests.NewId()}.pem");
        File.WriteAllText(empty, "no certificate");

        Assert.Contains("RabbitMq:CaFile", Failure("amqp://broker/", "/etc/ca.pem"), StringComparison.Ordinal);
        Assert.Contains("RabbitMq:CaFile", Failure("amqps://broker/", "/does/not/exist.pem"), StringComparison.Ordinal);
        Assert.Contains("RabbitMq:CaFile", Failure("amqps://broker/", empty), StringComparison.Ordinal);
        File.Delete(empty);

        static string Failure(string address, string caFile)
        {
            var configuration = new ConfigurationBuilder()
                .AddInMemoryCollection([new("ConnectionStrings:RabbitMq", address), new("RabbitMq:CaFile", caFile)])
                .Build();
            return Assert.Throws<InvalidOperationException>(() => RabbitMqConnectionSettings.From(configuration)).Message;
        }
    }
}
