using System.Net;
using System.Net.Sockets;

namespace Runs.TestEnvironment;

/// <summary>Finds TCP ports for servers, proxies and containers.</summary>
public static class FreePort
{
    // Linux takes the ports of outgoing connections from 32768 upwards.
    private const int First = 20_000;
    private const int End = 32_000;

    /// <summary>
    /// Finds a port of 127.0.0.1 that is free now and that no outgoing connection takes, so that a server can be
    /// stopped and started again on it.
    /// </summary>
    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // The port is in use: try another one.
            }
        }
    }
}
