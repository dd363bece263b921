using System.Net.Sockets;
using RabbitMQ.Client;

namespace Runs.Server.Messaging;

/// <summary>
/// The nodes of the broker for one connection factory: RabbitMQ.Client tries them one after the other, in random order,
/// and requests a socket for each.
/// </summary>
internal sealed class BrokerNodes(IReadOnlyList<RabbitMqNode> nodes, RabbitMqTls? tls) : IEndpointResolver
{
    private readonly DefaultEndpointResolver _shuffled = new(nodes.Select(node => new AmqpTcpEndpoint(node.Host, node.Port)));
    private string _host = nodes[0].Host;

    /// <summary>The nodes. Each is current until the next one is requested.</summary>
    public IEnumerable<AmqpTcpEndpoint> All()
    {
        foreach (var endpoint in _shuffled.All())
        {
            _host = endpoint.HostName;
            yield return endpoint;
        }
    }

    /// <summary>Creates a socket for the current node.</summary>
    public ITcpClient CreateSocket(AddressFamily addressFamily) => new BrokerSocket(addressFamily, _host, tls);
}
