using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Runs.TestEnvironment;

/// <summary>A TCP proxy between one server and its broker or store, which can be told to do what networks do.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, Container.GetFreePort());
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<Connection, bool> _connections = new();
    private readonly int[] _targets;
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _toTargetBlackhole;
    private volatile TaskCompletionSource? _toClientBlackhole;
    private long _latencyTicks;

    /// <param name="targets">Where a connection goes: the first of these ports that takes it.</param>
    public TcpProxy(params int[] targets)
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
    public void StartBlackhole(bool toTarget, bool toClient)
    {
        _toTargetBlackhole = toTarget ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : _toTargetBlackhole;
        _toClientBlackhole = toClient ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : _toClientBlackhole;
    }

    /// <summary>Ends a hold. What was swallowed is lost, and so are the connections.</summary>
    public void EndBlackhole()
    {
        ResetConnections();
        var (up, down) = (_toTargetBlackhole, _toClientBlackhole);
        (_toTargetBlackhole, _toClientBlackhole) = (null, null);
        up?.TrySetResult();
        down?.TrySetResult();
    }

    /// <summary>Resets every connection.</summary>
    public void ResetConnections()
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
        EndBlackhole();
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
                _ = HandleConnection(client);
            }
            catch (Exception trouble) when (trouble is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // closing, or a caller that left at once
            }
        }
    }

    private async Task HandleConnection(Socket client)
    {
        using var connection = new Connection(client);
        _connections.TryAdd(connection, true);
        try
        {
            await Connect(connection.Target);
            await Task.WhenAny(CopyBytes(connection, client, connection.Target, () => _toTargetBlackhole), CopyBytes(connection, connection.Target, client, () => _toClientBlackhole));
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

    private async Task CopyBytes(Connection connection, Socket from, Socket to, Func<TaskCompletionSource?> blackhole)
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

                if (blackhole() is { } gate)
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
        public Socket Target { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public void Reset()
        {
            foreach (var socket in (ReadOnlySpan<Socket>)[client, Target])
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
            Target.Dispose();
        }
    }
}
