using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Runs.Bench.Torture;

/// <summary>A TCP proxy between one server and its broker or store, which can be told to do what networks do.</summary>
internal sealed class Proxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, Container.FreePort());
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<Connection, bool> _connections = new();
    private readonly int[] _targets;
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _up;
    private volatile TaskCompletionSource? _down;
    private long _latencyTicks;

    /// <param name="targets">Where a connection goes: the first of these ports that takes it.</param>
    public Proxy(params int[] targets)
    {
        _targets = targets;
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>Where the server connects to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How long each piece is under way, in either direction.</summary>
    public TimeSpan Latency
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _latencyTicks));
        set => Interlocked.Exchange(ref _latencyTicks, value.Ticks);
    }

    /// <summary>Swallows what is sent, while the connections look healthy: what the server says, what it is told, or both.</summary>
    public void Hold(bool up, bool down)
    {
        _up = up ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : _up;
        _down = down ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : _down;
    }

    /// <summary>Ends a hold. What was swallowed is lost, and so are the connections.</summary>
    public void Release()
    {
        Cut();
        var (up, down) = (_up, _down);
        (_up, _down) = (null, null);
        up?.TrySetResult();
        down?.TrySetResult();
    }

    /// <summary>Resets every connection.</summary>
    public void Cut()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Reset();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        Release();
        await _accepting;
        _closing.Dispose();
    }

    private async Task Accept()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_closing.Token);
                client.NoDelay = true;
                _ = Serve(client);
            }
            catch (Exception trouble) when (trouble is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // closing, or a caller that left at once
            }
        }
    }

    private async Task Serve(Socket client)
    {
        using var connection = new Connection(client);
        _connections.TryAdd(connection, true);
        try
        {
            await Connect(connection.Server);
            await Task.WhenAny(Pump(connection, client, connection.Server, () => _up), Pump(connection, connection.Server, client, () => _down));
        }
        catch (Exception trouble) when (trouble is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // what is behind is away
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    private async Task Connect(Socket server)
    {
        foreach (var target in _targets.SkipLast(1))
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, target, _closing.Token);
                return;
            }
            catch (SocketException)
            {
                // the next one
            }
        }

        await server.ConnectAsync(IPAddress.Loopback, _targets[^1], _closing.Token);
    }

    private async Task Pump(Connection connection, Socket from, Socket to, Func<TaskCompletionSource?> hold)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _closing.Token) is > 0 and var count)
            {
                if (Latency is { Ticks: > 0 } latency)
                {
                    await Task.Delay(latency, _closing.Token);
                }

                if (hold() is { } gate)
                {
                    await gate.Task;
                    return;
                }

                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _closing.Token);
                }
            }
        }
        catch (Exception trouble) when (trouble is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            connection.Reset(); // the other side hears of it as this one did
        }
    }

    private sealed class Connection(Socket client) : IDisposable
    {
        public Socket Server { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public void Reset()
        {
            foreach (var socket in (ReadOnlySpan<Socket>)[client, Server])
            {
                try
                {
                    socket.LingerState = new LingerOption(true, 0);
                }
                catch (Exception trouble) when (trouble is SocketException or ObjectDisposedException)
                {
                    // closed already
                }

                socket.Dispose();
            }
        }

        public void Dispose()
        {
            client.Dispose();
            Server.Dispose();
        }
    }
}
