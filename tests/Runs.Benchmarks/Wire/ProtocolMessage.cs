namespace Runs.Benchmarks.Wire;

/// <summary>A protocol message.</summary>
/// <param name="Bytes">All bytes of the message.</param>
/// <param name="Name">The name under which it is counted; null if it is not counted.</param>
internal sealed record ProtocolMessage(ReadOnlyMemory<byte> Bytes, string? Name);
