using MassTransit;
using RabbitMQ.Client;

namespace Runs.Server.Messaging;

/// <summary>How to connect to RabbitMQ. The bus and the watchdog both connect with these settings, so that one cannot be laxer than the other.</summary>
internal sealed class RabbitMqConnectionSettings
{
    private readonly RabbitMqAddress _address;
    private readonly AmqpTcpEndpoint[] _endpoints;

    public RabbitMqConnectionSettings(RabbitMqAddress address, string? caFile = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        _address = address;
        var tls = address.UsesTls ? new RabbitMqTls(caFile) : null;
        // Each node is verified by its own name.
        _endpoints = [.. address.Nodes.Select(node => new AmqpTcpEndpoint(node.Host, node.Port, tls?.OptionsFor(node.Host) ?? new SslOption()))];
    }

    /// <summary>Whether the password and the messages leave this machine unencrypted.</summary>
    public bool IsPlainBeyondLoopback => !_address.UsesTls && !_address.IsLoopback;

    /// <summary>Reads <c>ConnectionStrings:RabbitMq</c> and <c>RabbitMq:CaFile</c>.</summary>
    /// <returns>Null when there is no connection string.</returns>
    /// <exception cref="InvalidOperationException">A setting is not valid; the message names it.</exception>
    public static RabbitMqConnectionSettings? From(IConfiguration configuration)
    {
        var caFile = configuration[RabbitMqTls.CaFileSetting] is { Length: > 0 } file ? file : null;
        if (configuration.GetConnectionString("RabbitMq") is not { Length: > 0 } connectionString)
        {
            return caFile is null ? null : throw new InvalidOperationException($"{RabbitMqTls.CaFileSetting} is set, but {RabbitMqAddress.Setting} is not.");
        }

        var address = RabbitMqAddress.Parse(connectionString);
        return caFile is null || address.UsesTls
            ? new RabbitMqConnectionSettings(address, caFile)
            : throw new InvalidOperationException($"{RabbitMqTls.CaFileSetting} is set, and {RabbitMqAddress.Setting} does not use TLS: write amqps://.");
    }

    /// <summary>Sets how the bus connects.</summary>
    /// <param name="broker">The bus.</param>
    /// <param name="beforeConnecting">What each attempt to connect waits for.</param>
    public void Configure(IRabbitMqBusFactoryConfigurator broker, Func<Task> beforeConnecting)
    {
        ArgumentNullException.ThrowIfNull(broker);
        var first = _address.Nodes[0];
        // MassTransit turns TLS on by the port, and accepts any issuer. What it has made of these settings is therefore replaced before each attempt to connect.
        broker.Host(first.Host, (ushort)first.Port, _address.VirtualHost, host =>
        {
            host.Heartbeat(TimeSpan.FromSeconds(10)); // a frozen broker is noticed, and readiness with it
            host.OnRefreshConnectionFactory = factory =>
            {
                Configure(factory);
                return beforeConnecting();
            };
        });
    }

    /// <summary>A factory for a connection beside the bus's.</summary>
    public ConnectionFactory CreateFactory()
    {
        var factory = new ConnectionFactory { AutomaticRecoveryEnabled = false };
        Configure(factory);
        return factory;
    }

    private void Configure(ConnectionFactory factory)
    {
        (factory.UserName, factory.Password, factory.VirtualHost) = (_address.UserName, _address.Password, _address.VirtualHost);
        (factory.HostName, factory.Port, factory.Ssl) = (_endpoints[0].HostName, _endpoints[0].Port, _endpoints[0].Ssl);
        factory.RequestedConnectionTimeout = TimeSpan.FromSeconds(5); // for each node; the next one is tried in the same attempt
        factory.EndpointResolverFactory = _ => new DefaultEndpointResolver(_endpoints); // tries all nodes, in random order
    }
}
