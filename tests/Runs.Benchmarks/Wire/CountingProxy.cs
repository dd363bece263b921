using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Runs.Benchmarks.Wire;

/// <summary>
/// Stands between a server and its broker or store, passes everything on, and counts what goes by, by name. What a create costs is read here and not from anybody's
/// own account. Nothing is timed through it but what it holds back on purpose.
/// </summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, long> _counts = [];
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _accepting;
    private readonly int _target;
    private readonly Func<bool, IProtocolReader> _createReader;

    /// <param name="target">The port behind it.</param>
    /// <param name="reader">Makes what reads one direction of a connection; true for what the server sends to broker or store.</param>
    public CountingProxy(int target, Func<bool, IProtocolReader> reader)
    {
        (_target, _createReader) = (target, reader);
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What is held back, and for how long: a name, and nothing when it is null.</summary>
    public (string? Name, TimeSpan Time) DelayedMessage { get; set; }

    /// <summary>How often each name went by so far.</summary>
    public Dictionary<string, long> Counts => new(_counts);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private async Task Accept()
    {
        while (!_closing.IsCancellationRequested)
        {
            _connections.Add(HandleConnection(await _listener.AcceptTcpClientAsync(_closing.Token)));
        }
    }

    private async Task HandleConnection(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, _target, _closing.Token);
            await Task.WhenAny(Forward(client.GetStream(), server.GetStream(), toServer: true), Forward(server.GetStream(), client.GetStream(), toServer: false));
        }
    }

    private async Task Forward(NetworkStream from, NetworkStream to, bool toServer)
    {
        var reader = _createReader(toServer);
        await using var input = new BufferedStream(from, 64 * 1024);
        while (await reader.Read(input, _closing.Token) is { } message)
        {
            if (message.Name is { } name)
            {
                _counts.AddOrUpdate(name, 1, (_, count) => count + 1);
                if (name == DelayedMessage.Name)
                {
                    await Task.Delay(DelayedMessage.Time, _closing.Token);
                }
            }

            await to.WriteAsync(message.Bytes, _closing.Token);
        }
    }
}
