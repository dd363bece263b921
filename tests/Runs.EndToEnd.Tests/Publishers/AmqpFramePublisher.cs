using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// A publisher that writes the frames of AMQP 0-9-1 itself, for headers that RabbitMQ.Client cannot write.
/// </summary>
internal sealed class AmqpFramePublisher : IDisposable
{
    private const byte Method = 1;
    private const byte ContentHeader = 2;
    private const byte Body = 3;

    private readonly TcpClient _client = new();
    private readonly NetworkStream _stream;

    private AmqpFramePublisher(Uri broker)
    {
        _client.Connect(broker.Host, broker.Port);
        _stream = _client.GetStream();
        _stream.ReadTimeout = 30_000;
    }

    /// <summary>Connects and opens channel 1.</summary>
    public static AmqpFramePublisher Connect(Uri broker)
    {
        var publisher = new AmqpFramePublisher(broker);
        var credentials = broker.UserInfo.Split(':').Select(Uri.UnescapeDataString).ToArray();
        var response = LongString(Encoding.UTF8.GetBytes($"\0{credentials[0]}\0{credentials[1]}"));
        publisher._stream.Write([.. "AMQP"u8, 0, 0, 9, 1]);
        publisher.Read(); // connection.start
        publisher.Send(Method, 0, [0, 10, 0, 11, .. LongString([]), .. ShortString("PLAIN"), .. response, .. ShortString("en_US")]);
        var tune = publisher.Read();
        publisher.Send(Method, 0, [0, 10, 0, 31, .. tune[4..10], 0, 0]); // the broker's limits, no heartbeat
        publisher.Send(Method, 0, [0, 10, 0, 40, .. ShortString(Uri.UnescapeDataString(broker.AbsolutePath.Trim('/'))), 0, 0]);
        publisher.Read(); // connection.open-ok
        publisher.Send(Method, 1, [0, 20, 0, 10, 0]);
        publisher.Read(); // channel.open-ok
        return publisher;
    }

    /// <summary>Publishes JSON with a header, and waits until the broker has accepted it.</summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="json">The body.</param>
    /// <param name="header">The header's value with its type, as in a table.</param>
    public void Publish(string exchange, string json, byte[] header)
    {
        var body = Encoding.UTF8.GetBytes(json);
        var size = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(size, body.Length);
        Send(Method, 1, [0, 85, 0, 10, 0]); // confirm.select
        Read();
        Send(Method, 1, [0, 60, 0, 40, 0, 0, .. ShortString(exchange), .. ShortString(""), 0]);
        byte[] properties = [0xA0, 0, .. ShortString("application/json"), .. LongString([.. ShortString("h"), .. header])];
        Send(ContentHeader, 1, [0, 60, 0, 0, .. size, .. properties]);
        Send(Body, 1, body);
        Assert.Equal([0, 60, 0, 80], Read()[..4]); // basic.ack
    }

    /// <summary>A decimal of this many places.</summary>
    public static byte[] Decimal(byte places) => [(byte)'D', places, 0, 0, 0, 1];

    /// <summary>Arrays in arrays.</summary>
    public static byte[] NestedArrays(int depth)
    {
        var value = new byte[depth * 5];
        for (var i = 0; i < depth; i++)
        {
            value[i * 5] = (byte)'A';
            BinaryPrimitives.WriteInt32BigEndian(value.AsSpan((i * 5) + 1), (depth - i - 1) * 5);
        }

        return value;
    }

    public void Dispose() => _client.Dispose();

    private void Send(byte type, byte channel, byte[] payload) =>
        _stream.Write([type, 0, channel, .. Number(payload.Length), .. payload, 0xCE]);

    private byte[] Read()
    {
        var header = new byte[7];
        _stream.ReadExactly(header);
        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(3)) + 1];
        _stream.ReadExactly(payload);
        return payload[..^1];
    }

    private static byte[] ShortString(string text) => [(byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    private static byte[] LongString(byte[] bytes) => [.. Number(bytes.Length), .. bytes];

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
