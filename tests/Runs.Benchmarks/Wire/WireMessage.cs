using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Runs.Benchmarks.Wire;

/// <summary>A message as it is passed on.</summary>
internal sealed record WireMessage(ReadOnlyMemory<byte> Bytes, string? Name);
