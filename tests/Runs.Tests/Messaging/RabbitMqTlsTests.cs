using System.Security.Authentication;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client.Exceptions;

namespace Runs.Tests.Messaging;

/// <summary>With amqps:// the bus and the watchdog use TLS and verify the broker, on any port.</summary>
public sealed class RabbitMqTlsTests : IDisposable
{
    private const string AmqpHeader = "AMQP\0\0\u0009\u0001";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_broker_with_a_certificate_of_the_configured_CA_is_accepted()
    {
        await using var broker = new TlsListener(_certificates.Issue("localhost"));

        await AssertConnects(broker, "localhost", _certificates.CaFile);
    }

    [Fact]
    public async Task A_broker_with_a_certificate_of_an_unconfigured_CA_is_rejected()
    {
        await using var broker = new TlsListener(_certificates.Issue("localhost"));

        await AssertRejected(broker, caFile: null);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broker_with_a_self_signed_certificate_is_rejected(bool withCaFile)
    {
        await using var broker = new TlsListener(TestCertificates.SelfSigned("localhost"));

        await AssertRejected(broker, withCaFile ? _certificates.CaFile : null);
    }

    [Fact]
    public async Task A_broker_with_a_certificate_for_another_name_is_rejected()
    {
        await using var broker = new TlsListener(_certificates.Issue("other.example"));

        await AssertRejected(broker, _certificates.CaFile);
    }

    [Fact]
    public async Task A_broker_without_TLS_is_rejected_before_plain_text_is_sent()
    {
        await using var broker = new TlsListener(certificate: null);

        await AssertRejected(broker, _certificates.CaFile);
    }

#pragma warning disable SYSLIB0039, CA5397 // an outdated version, on purpose
    [Theory]
    [InlineData(SslProtocols.Tls)]
    [InlineData(SslProtocols.Tls11)]
    public async Task TLS_versions_below_1_2_are_rejected(SslProtocols version)
    {
        await using var broker = new TlsListener(_certificates.Issue("localhost"), version);

        await AssertRejected(broker, _certificates.CaFile);
        Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, new RabbitMqTls(null).CreateClientOptions("broker").EnabledSslProtocols);
    }
#pragma warning restore SYSLIB0039, CA5397

    [Fact]
    public async Task Each_node_of_a_cluster_is_verified_by_its_own_name()
    {
        await using var impostor = new TlsListener(_certificates.Issue("other.example"));
        await using var broker = new TlsListener(_certificates.Issue("localhost"));
        var settings = Settings($"amqps://u:p@127.0.0.1:{impostor.Port},localhost:{broker.Port}/", _certificates.CaFile);

        await Assert.ThrowsAnyAsync<Exception>(() => settings.CreateFactory().CreateConnectionAsync().WaitAsync(TimeSpan.FromSeconds(2)));

        Assert.Equal(AmqpHeader, await broker.Received);
        Assert.Null(impostor.ReceivedSoFar);
    }

    private static RabbitMqConnectionSettings Settings(string address, string? caFile) =>
        new(RabbitMqConnectionString.Parse(address), caFile);

    private static async Task AssertConnects(TlsListener broker, string host, string? caFile)
    {
        await using var bus = await StartBus($"amqps://u:p@{host}:{broker.Port}/", caFile);

        Assert.Equal(AmqpHeader, await broker.Received);
    }

    private static async Task AssertRejected(TlsListener broker, string? caFile)
    {
        var address = $"amqps://u:p@localhost:{broker.Port}/";

        // The connection of the watchdog.
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => Settings(address, caFile).CreateFactory().CreateConnectionAsync());
        var watchdogs = broker.ServedConnections;

        // The bus.
        await using var bus = await StartBus(address, caFile);
        await Eventually.Holds(() => Task.FromResult(broker.ServedConnections > watchdogs));
        Assert.DoesNotContain("AMQP", broker.ReceivedSoFar ?? "", StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartBus(string address, string? caFile)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.Configure<MassTransitHostOptions>(host =>
        {
            host.WaitUntilStarted = false;
            host.StopTimeout = TimeSpan.FromSeconds(1);
        });
        builder.Services.AddLogging().AddRouting().AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingRabbitMq((_, broker) =>
            {
                Settings(address, caFile).Configure(broker, () => Task.CompletedTask);
                broker.AutoStart = true;
            });
        });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        await app.StartAsync();
        return app;
    }
}
