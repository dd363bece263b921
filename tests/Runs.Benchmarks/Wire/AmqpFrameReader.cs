using System.Buffers.Binary;
using System.Text;

namespace Runs.Benchmarks.Wire;

/// <summary>
/// Reads AMQP 0-9-1: frames of type, channel, size, payload and an end octet. A client begins with a protocol header of
/// eight bytes.
/// </summary>
internal sealed class AmqpFrameReader(bool fromClient) : IProtocolReader
{
    private const int Header = 7;
    private const byte Method = 1;

    private bool _isProtocolHeaderRead = !fromClient;

    public async Task<ProtocolMessage?> Read(Stream input, CancellationToken cancellationToken)
    {
        if (!_isProtocolHeaderRead)
        {
            _isProtocolHeaderRead = true;
            var protocolHeader = new byte[8];
            var count = await input.ReadAtLeastAsync(protocolHeader, protocolHeader.Length, throwOnEndOfStream: false, cancellationToken);
            return count < protocolHeader.Length ? null : new ProtocolMessage(protocolHeader, Name: null);
        }

        var header = new byte[Header];
        if (await input.ReadAtLeastAsync(header, Header, throwOnEndOfStream: false, cancellationToken) < Header)
        {
            return null;
        }

        var frame = new byte[Header + BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(3)) + 1];
        header.CopyTo(frame, 0);
        await input.ReadExactlyAsync(frame.AsMemory(Header), cancellationToken);
        return new ProtocolMessage(frame, frame[0] == Method ? MethodName(frame.AsSpan(Header)) : null);
    }

    private string? MethodName(ReadOnlySpan<byte> method) => BinaryPrimitives.ReadUInt32BigEndian(method) switch
    {
        0x003C_0028 => $"publish {ReadExchange(method)}", // basic.publish
        0x003C_003C => "deliver",
        0x003C_0050 => fromClient ? "acknowledge" : "confirm", // one frame can be for several messages
        _ => null,
    };

    // The method is followed by two reserved bytes and the exchange as a short string. Replies go through the default
    // exchange, or through an exchange that a bus declares for itself.
    private static string ReadExchange(ReadOnlySpan<byte> publish)
    {
        var name = Encoding.UTF8.GetString(publish.Slice(7, publish[6]));
        return name.Contains("_bus_", StringComparison.Ordinal) ? "(reply)" : name.Length == 0 ? "(queue)" : name;
    }
}
