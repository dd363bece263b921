using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Runs.Benchmarks.Wire;

/// <summary>Cuts a stream of bytes into messages of a protocol.</summary>
internal interface IProtocolReader
{
    /// <summary>The next message, with a name if it is one that counts; null at the end.</summary>
    Task<WireMessage?> Read(Stream input, CancellationToken cancellationToken);
}
