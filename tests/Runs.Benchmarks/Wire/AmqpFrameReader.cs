using System.Buffers.Binary;
using System.Text;

namespace Runs.Benchmarks.Wire;

/// <summary>AMQP 0-9-1: frames of type, channel, size, payload and an end mark; a client begins with eight bytes of greeting.</summary>
internal sealed class AmqpFrameReader(bool fromClient) : IProtocolReader
{
    private const int Header = 7;
    private const byte Method = 1;

    private bool _isProtocolHeaderRead = !fromClient;

    public async Task<WireMessage?> Read(Stream input, CancellationToken cancellationToken)
    {
        if (!_isProtocolHeaderRead)
        {
            _isProtocolHeaderRead = true;
            var greeting = new byte[8];
            return await input.ReadAtLeastAsync(greeting, greeting.Length, false, cancellationToken) < greeting.Length ? null : new WireMessage(greeting, null);
        }

        var header = new byte[Header];
        if (await input.ReadAtLeastAsync(header, Header, false, cancellationToken) < Header)
        {
            return null;
        }

        var frame = new byte[Header + BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(3)) + 1];
        header.CopyTo(frame, 0);
        await input.ReadExactlyAsync(frame.AsMemory(Header), cancellationToken);
        return new WireMessage(frame, frame[0] == Method ? MethodName(frame.AsSpan(Header)) : null);
    }

    private string? MethodName(ReadOnlySpan<byte> method) => BinaryPrimitives.ReadUInt32BigEndian(method) switch
    {
        0x003C_0028 => $"publish {ReadExchange(method)}", // basic.publish
        0x003C_003C => "deliver",
        0x003C_0050 => fromClient ? "acknowledge" : "confirm", // one may stand for several
        _ => null,
    };

    // After the method comes a number of two bytes that is not used, then the exchange as a short string. Replies go through the default exchange, or through one that a bus
    // has made for itself.
    private static string ReadExchange(ReadOnlySpan<byte> publish)
    {
        var name = Encoding.UTF8.GetString(publish.Slice(7, publish[6]));
        return name.Contains("_bus_", StringComparison.Ordinal) ? "(reply)" : name.Length == 0 ? "(queue)" : name;
    }
}
