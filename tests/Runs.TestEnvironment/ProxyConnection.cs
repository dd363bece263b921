using System.Net.Sockets;

namespace Runs.TestEnvironment;

/// <summary>The two sockets of a connection through a <see cref="TcpProxy"/>.</summary>
internal sealed class ProxyConnection(Socket client) : IDisposable
{
    public Socket Target { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Closes both sockets so that their peers see a reset.</summary>
    public void Reset()
    {
        foreach (var socket in (ReadOnlySpan<Socket>)[client, Target])
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The socket is closed already.
            }

            socket.Dispose();
        }
    }

    public void Dispose()
    {
        client.Dispose();
        Target.Dispose();
    }
}
