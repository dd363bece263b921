using MassTransit;
using RabbitMQ.Client;

namespace Runs.Server.Messaging;

/// <summary>
/// The connection settings for RabbitMQ. The bus and the watchdog both connect with these settings, so that neither is
/// less strict than the other.
/// </summary>
internal sealed class RabbitMqConnectionSettings
{
    private readonly RabbitMqConnectionString _connectionString;
    private readonly RabbitMqTls? _tls;

    public RabbitMqConnectionSettings(RabbitMqConnectionString connectionString, string? caFile = null)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        _connectionString = connectionString;
        _tls = connectionString.UsesTls ? new RabbitMqTls(caFile) : null;
    }

    /// <summary>Whether the password and the messages leave this machine unencrypted.</summary>
    public bool IsUnencryptedOverNetwork => !_connectionString.UsesTls && !_connectionString.IsLoopback;

    /// <summary>Parses <c>ConnectionStrings:RabbitMq</c> and reads <c>RabbitMq:CaFile</c>.</summary>
    /// <returns>Null if there is no connection string.</returns>
    /// <exception cref="InvalidOperationException">A setting is not valid; the message names it.</exception>
    public static RabbitMqConnectionSettings? From(ServerSettings settings)
    {
        var caFile = settings.RabbitMqCaFile;
        if (settings.RabbitMqConnectionString is not { } text)
        {
            return caFile is null
                ? null
                : throw new InvalidOperationException(
                    $"{RabbitMqTls.CaFileSetting} is set, but {RabbitMqConnectionString.SettingName} is not.");
        }

        var connectionString = RabbitMqConnectionString.Parse(text);
        return caFile is null || connectionString.UsesTls
            ? new RabbitMqConnectionSettings(connectionString, caFile)
            : throw new InvalidOperationException(
                $"{RabbitMqTls.CaFileSetting} is set, and {RabbitMqConnectionString.SettingName} does not use TLS: write amqps://.");
    }

    /// <summary>Configures the connection of the bus.</summary>
    /// <param name="broker">The bus.</param>
    /// <param name="beforeConnecting">Awaited before each connection attempt.</param>
    public void Configure(IRabbitMqBusFactoryConfigurator broker, Func<Task> beforeConnecting)
    {
        ArgumentNullException.ThrowIfNull(broker);
        var first = _connectionString.Nodes[0];
        // MassTransit enables TLS based on the port, and accepts any issuer. Therefore the factory that it creates from
        // these settings is reconfigured before each connection attempt.
        broker.Host(first.Host, (ushort)first.Port, _connectionString.VirtualHost, host =>
        {
            host.Heartbeat(TimeSpan.FromSeconds(10)); // detects a frozen broker, also for the health checks
            host.OnRefreshConnectionFactory = factory =>
            {
                Configure(factory);
                return beforeConnecting();
            };
        });
    }

    /// <summary>Creates a factory for a connection other than that of the bus.</summary>
    public ConnectionFactory CreateFactory()
    {
        var factory = new ConnectionFactory { AutomaticRecoveryEnabled = false };
        Configure(factory);
        return factory;
    }

    private void Configure(ConnectionFactory factory)
    {
        factory.UserName = _connectionString.UserName;
        factory.Password = _connectionString.Password;
        factory.VirtualHost = _connectionString.VirtualHost;
        factory.HostName = _connectionString.Nodes[0].Host;
        factory.Port = _connectionString.Nodes[0].Port;
        factory.Ssl = new SslOption(); // BrokerSocket does TLS
        factory.RequestedConnectionTimeout = TimeSpan.FromSeconds(5); // for each node; the next one is tried in the same attempt
        var nodes = new BrokerNodes(_connectionString.Nodes, _tls);
        factory.EndpointResolverFactory = _ => nodes;
        factory.SocketFactory = nodes.CreateSocket;
    }
}
