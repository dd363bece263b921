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
    public static int Find() => Find(1)[0];

    /// <summary>Finds several different ports like <see cref="Find()"/>.</summary>
    public static int[] Find(int count)
    {
        var listeners = new List<TcpListener>();
        try
        {
            while (listeners.Count < count)
            {
                var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(First, End));
                try
                {
                    listener.Start();
                    listeners.Add(listener);
                }
                catch (SocketException)
                {
                    listener.Dispose(); // the port is in use: try another one
                }
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }
}
