using System.Security.Authentication;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client.Exceptions;
using Runs.Server.Messaging;

namespace Runs.Tests.Messaging;

/// <summary>amqps:// is TLS with a verified broker, on any port, for the bus and for the watchdog alike.</summary>
public sealed class RabbitMqTlsTests : IDisposable
{
    private const string AmqpHeader = "AMQP\0\0\u0009\u0001";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_broker_of_the_private_authority_is_accepted()
    {
        await using var broker = new TlsListener(_certificates.Issue("localhost"));

        await Connects(broker, "localhost", _certificates.CaFile);
    }

    [Fact]
    public async Task A_broker_of_the_private_authority_is_refused_without_the_setting()
    {
        await using var broker = new TlsListener(_certificates.Issue("localhost"));

        await IsRefused(broker, caFile: null);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_self_signed_broker_is_refused(bool withCaFile)
    {
        await using var broker = new TlsListener(TestCertificates.SelfSigned("localhost"));

        await IsRefused(broker, withCaFile ? _certificates.CaFile : null);
    }

    [Fact]
    public async Task A_broker_with_another_name_is_refused()
    {
        await using var broker = new TlsListener(_certificates.Issue("other.example"));

        await IsRefused(broker, _certificates.CaFile);
    }

    [Fact]
    public async Task A_broker_without_TLS_is_refused_before_anything_readable_is_sent()
    {
        await using var broker = new TlsListener(certificate: null);

        await IsRefused(broker, _certificates.CaFile);
    }

#pragma warning disable SYSLIB0039, CA5397 // an outdated version, on purpose
    [Theory]
    [InlineData(SslProtocols.Tls)]
    [InlineData(SslProtocols.Tls11)]
    public async Task A_version_before_1_2_is_refused(SslProtocols version)
    {
        await using var broker = new TlsListener(_certificates.Issue("localhost"), version);

        await IsRefused(broker, _certificates.CaFile);
        Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, new RabbitMqTls(null).OptionsFor("broker").Version);
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

    private static RabbitMqConnectionSettings Settings(string address, string? caFile) => new(RabbitMqAddress.Parse(address), caFile);

    private static async Task Connects(TlsListener broker, string host, string? caFile)
    {
        await using var bus = await StartBus($"amqps://u:p@{host}:{broker.Port}/", caFile);

        Assert.Equal(AmqpHeader, await broker.Received);
    }

    private static async Task IsRefused(TlsListener broker, string? caFile)
    {
        var address = $"amqps://u:p@localhost:{broker.Port}/";

        // The watchdog's connection.
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => Settings(address, caFile).CreateFactory().CreateConnectionAsync());
        var watchdogs = broker.Served;

        // The bus.
        await using var bus = await StartBus(address, caFile);
        await Eventually.Holds(() => Task.FromResult(broker.Served > watchdogs));
        Assert.True(broker.ReceivedSoFar is null || !broker.ReceivedSoFar.StartsWith("AMQP", StringComparison.Ordinal), broker.ReceivedSoFar);
    }

    private static async Task<WebApplication> StartBus(string address, string? caFile)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.Configure<MassTransitHostOptions>(host => (host.WaitUntilStarted, host.StopTimeout) = (false, TimeSpan.FromSeconds(1)));
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
