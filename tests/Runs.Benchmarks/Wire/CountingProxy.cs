using System.Collections.Concurrent;
using System.Net.Sockets;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Wire;

/// <summary>
/// A proxy between a server and its broker or store that counts protocol messages by name. The costs of a create are
/// counted here, independently of what the server reports. Nothing is timed through it, except messages that it delays
/// on purpose.
/// </summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly ConcurrentDictionary<string, long> _counts = [];
    private readonly Func<bool, IProtocolReader> _createReader;
    private readonly TcpProxy _proxy;

    /// <param name="target">The port of the broker or store.</param>
    /// <param name="createReader">
    /// Creates the reader of one direction of a connection; the argument is true for what the server sends.
    /// </param>
    public CountingProxy(int target, Func<bool, IProtocolReader> createReader)
    {
        _createReader = createReader;
        _proxy = new TcpProxy(Forward, target);
    }

    public int Port => _proxy.Port;

    /// <summary>The name of the messages to delay, and the delay; null to delay none.</summary>
    public (string? Name, TimeSpan Delay) DelayedMessage { get; set; }

    /// <summary>The number of messages of each name so far.</summary>
    public Dictionary<string, long> Counts => new(_counts);

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    private async Task Forward(TrafficDirection direction, Socket from, Socket to, CancellationToken cancellationToken)
    {
        var reader = _createReader(direction == TrafficDirection.ToTarget);
        await using var output = new NetworkStream(to, ownsSocket: false);
        await using var input = new BufferedStream(new NetworkStream(from, ownsSocket: false), BufferSize);
        while (await reader.Read(input, cancellationToken) is { } message)
        {
            if (message.Name is { } name)
            {
                _counts.AddOrUpdate(name, 1, (_, count) => count + 1);
                if (name == DelayedMessage.Name)
                {
                    await Task.Delay(DelayedMessage.Delay, cancellationToken);
                }
            }

            await output.WriteAsync(message.Bytes, cancellationToken);
        }
    }
}
