using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Runs.TestEnvironment;

/// <summary>
/// A TCP proxy on 127.0.0.1. It can delay traffic, drop it while connections look healthy, and reset connections. What
/// it does with the bytes of a connection can be replaced.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, FreePort.Find());
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<ProxyConnection, bool> _connections = new();
    private readonly ConcurrentBag<Task> _handlers = [];
    private readonly int[] _targets;
    private readonly Func<TrafficDirection, Socket, Socket, CancellationToken, Task> _copy;
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _toTargetBlackhole;
    private volatile TaskCompletionSource? _toClientBlackhole;
    private long _latencyTicks;

    /// <param name="targets">The ports of the target. A connection goes to the first one that accepts it.</param>
    public TcpProxy(params int[] targets)
        : this(copy: null, targets)
    {
    }

    /// <param name="copy">Copies one direction of a connection, instead of the proxy's own way.</param>
    /// <param name="targets">The ports of the target. A connection goes to the first one that accepts it.</param>
    public TcpProxy(Func<TrafficDirection, Socket, Socket, CancellationToken, Task>? copy, params int[] targets)
    {
        (_copy, _targets) = (copy ?? CopyBytes, targets);
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>The port that clients connect to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The delay of each piece of traffic, in both directions.</summary>
    public TimeSpan Latency
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _latencyTicks));
        set => Interlocked.Exchange(ref _latencyTicks, value.Ticks);
    }

    /// <summary>Drops all traffic in the given directions; connections stay open.</summary>
    public void StartBlackhole(bool toTarget, bool toClient)
    {
        _toTargetBlackhole = toTarget ? CreateBlackhole() : _toTargetBlackhole;
        _toClientBlackhole = toClient ? CreateBlackhole() : _toClientBlackhole;
    }

    /// <summary>Forwards traffic again. What was dropped is lost, and all connections are reset.</summary>
    public void EndBlackhole()
    {
        ResetConnections();
        var (toTarget, toClient) = (_toTargetBlackhole, _toClientBlackhole);
        (_toTargetBlackhole, _toClientBlackhole) = (null, null);
        toTarget?.TrySetResult();
        toClient?.TrySetResult();
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
        await Task.WhenAll(_handlers);
        _closing.Dispose();
    }

    private static TaskCompletionSource CreateBlackhole() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static bool IsConnectionFailure(Exception exception) =>
        exception is SocketException or IOException or OperationCanceledException or ObjectDisposedException;

    private async Task Accept()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                _handlers.Add(HandleConnection(await _listener.AcceptSocketAsync(_closing.Token)));
            }
            catch (Exception exception) when (IsConnectionFailure(exception))
            {
                // The proxy is closing, or the client has left already.
            }
        }
    }

    private async Task HandleConnection(Socket client)
    {
        using var connection = new ProxyConnection(client);
        _connections.TryAdd(connection, true);
        try
        {
            client.NoDelay = true;
            await Connect(connection.Target);
            var toTarget = Copy(connection, TrafficDirection.ToTarget, client, connection.Target);
            var toClient = Copy(connection, TrafficDirection.ToClient, connection.Target, client);
            await Task.WhenAny(toTarget, toClient);
        }
        catch (Exception exception) when (IsConnectionFailure(exception))
        {
            // The target is away.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    private async Task Connect(Socket socket)
    {
        foreach (var port in _targets.SkipLast(1))
        {
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, _closing.Token);
                return;
            }
            catch (SocketException)
            {
                // Try the next port.
            }
        }

        await socket.ConnectAsync(IPAddress.Loopback, _targets[^1], _closing.Token);
    }

    // A failure on one side is passed on to the other side as a reset.
    private async Task Copy(ProxyConnection connection, TrafficDirection direction, Socket from, Socket to)
    {
        try
        {
            await _copy(direction, from, to, _closing.Token);
        }
        catch (Exception exception) when (IsConnectionFailure(exception))
        {
            connection.Reset();
        }
    }

    private async Task CopyBytes(TrafficDirection direction, Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        while (await from.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
        {
            if (Latency is { Ticks: > 0 } latency)
            {
                await Task.Delay(latency, cancellationToken);
            }

            if ((direction == TrafficDirection.ToTarget ? _toTargetBlackhole : _toClientBlackhole) is { } blackhole)
            {
                await blackhole.Task;
                return;
            }

            for (var sent = 0; sent < count;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), cancellationToken);
            }
        }
    }
}
