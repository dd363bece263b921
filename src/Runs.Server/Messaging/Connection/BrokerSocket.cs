using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using RabbitMQ.Client;

namespace Runs.Server.Messaging;

/// <summary>
/// A TCP connection to a node of the broker, with TLS if configured. TLS is done here and not by RabbitMQ.Client, so
/// that <see cref="BrokerStream"/> reads what TLS has decrypted.
/// </summary>
/// <param name="addressFamily">IPv4 or IPv6.</param>
/// <param name="host">The node's name, which its certificate must have.</param>
/// <param name="tls">Null for a connection without TLS.</param>
internal sealed class BrokerSocket(AddressFamily addressFamily, string host, RabbitMqTls? tls)
    : TcpClientAdapter(new Socket(addressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })
{
    private BrokerStream? _stream;

    public override async Task ConnectAsync(IPAddress ep, int port, CancellationToken cancellationToken = default)
    {
        await base.ConnectAsync(ep, port, cancellationToken);
        Stream transport = new NetworkStream(Client, ownsSocket: false);
        if (tls is not null)
        {
            var secured = new SslStream(transport);
            transport = secured;
            try
            {
                await secured.AuthenticateAsClientAsync(tls.CreateClientOptions(host), cancellationToken);
            }
            catch
            {
                await secured.DisposeAsync();
                throw;
            }
        }

        _stream = new BrokerStream(Client, transport);
    }

    public override NetworkStream GetStream() => _stream ?? throw new InvalidOperationException("The socket is not connected.");

    public override void Close()
    {
        _stream?.Dispose();
        base.Close();
    }
}
