namespace Runs.Benchmarks.Wire;

/// <summary>Splits a stream of bytes into the messages of a protocol.</summary>
internal interface IProtocolReader
{
    /// <summary>Reads the next message; null at the end of the stream.</summary>
    Task<ProtocolMessage?> Read(Stream input, CancellationToken cancellationToken);
}
