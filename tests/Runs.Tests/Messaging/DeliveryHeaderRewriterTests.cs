using System.Buffers.Binary;
using System.Text;

namespace Runs.Tests.Messaging;

/// <summary>Frames as the broker sends them, in portions of any size.</summary>
public sealed class DeliveryHeaderRewriterTests
{
    private const byte Method = 1;
    private const byte ContentHeader = 2;
    private const byte Body = 3;

    [Fact]
    public void Decimals_that_cannot_be_represented_lose_their_places()
    {
        AssertRewritten(Decimal(29), Decimal(0));
        AssertRewritten(Decimal(255), Decimal(0));
        AssertRewritten(Decimal(28), Decimal(28));
    }

    [Fact]
    public void Tables_and_arrays_below_the_maximum_depth_become_bytes()
    {
        // The table of the headers is the first level.
        AssertRewritten(Nested('A', DeliveryHeaderRewriter.MaxDepth - 1), Nested('A', DeliveryHeaderRewriter.MaxDepth - 1));
        AssertRewritten(Nested('F', DeliveryHeaderRewriter.MaxDepth - 1), Nested('F', DeliveryHeaderRewriter.MaxDepth - 1));
        foreach (var type in "AF")
        {
            var rewritten = Rewrite(ContentHeaderFrame(Table(Nested(type, 20_000))), new Random(1));

            Assert.Equal(DeliveryHeaderRewriter.MaxDepth - 1, CountNested(rewritten, type));
        }
    }

    [Fact]
    public void What_follows_a_rewritten_value_is_rewritten_too()
    {
        var nested = Nested('A', DeliveryHeaderRewriter.MaxDepth);
        var rewritten = (byte[])nested.Clone();
        rewritten[^5] = (byte)'x';

        AssertRewritten([.. nested, .. Decimal(29)], [.. rewritten, .. Decimal(0)]);
        AssertRewritten([.. Field("h", 'L', new byte[8]), .. Decimal(29)], [.. Field("h", 'l', new byte[8]), .. Decimal(0)]);
    }

    [Fact]
    public void The_bodies_of_messages_and_other_frames_are_unchanged()
    {
        var table = Table(Decimal(99));
        foreach (var type in (byte[])[Method, Body])
        {
            var frame = Frame(type, [.. new byte[12], 0x20, 0, .. table]);
            Assert.Equal(frame, Rewrite(frame, new Random(2)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("F")]
    [InlineData("\u0001")]
    [InlineData("?D\u001d\0\0\0\u0001")]
    [InlineData("S\0\0\0\u007f")]
    public void Frames_that_are_not_well_formed_do_not_affect_the_next_one(string payload)
    {
        byte[] malformed = [.. new byte[12], 0x20, 0, 0, 0, 0, 200, 1, (byte)'h', .. Encoding.ASCII.GetBytes(payload)];
        for (var length = 0; length <= malformed.Length; length++)
        {
            var (next, expected) = (ContentHeaderFrame(Table(Decimal(29))), ContentHeaderFrame(Table(Decimal(0))));
            var first = Frame(ContentHeader, malformed[..length]);

            Assert.Equal([.. first, .. expected], Rewrite([.. first, .. next], new Random(length)));
        }
    }

    [Fact]
    public void Random_headers_are_read_in_any_portions()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            List<byte> input = [], expected = [];
            for (var frames = random.Next(1, 6); frames > 0; frames--)
            {
                var (fields, rewritten) = RandomFields(random, depth: 1, isTable: true);
                byte[] before = random.Next(3) switch
                {
                    0 => [0x20, 0],
                    1 => [0xA0, 0x80, .. ShortString("application/json")],
                    _ => [0xE0, 0, .. ShortString(new string('t', random.Next(256))), .. ShortString("utf-8")],
                };
                var body = new byte[random.Next(50)];
                random.NextBytes(body);
                input.AddRange(Frame(Method, body));
                input.AddRange(Frame(ContentHeader, [.. new byte[12], .. before, .. Table(fields), 1, 2, 3]));
                input.AddRange(Frame(Body, body));
                expected.AddRange(Frame(Method, body));
                expected.AddRange(Frame(ContentHeader, [.. new byte[12], .. before, .. Table(rewritten), 1, 2, 3]));
                expected.AddRange(Frame(Body, body));
            }

            Assert.True(expected.SequenceEqual(Rewrite([.. input], random)), $"seed {seed}");
        }
    }

    private static void AssertRewritten(byte[] fields, byte[] expected) =>
        Assert.Equal(ContentHeaderFrame(Table(expected)), Rewrite(ContentHeaderFrame(Table(fields)), new Random(0)));

    private static byte[] Rewrite(byte[] input, Random random)
    {
        var (rewriter, output) = (new DeliveryHeaderRewriter(), (byte[])input.Clone());
        var maxPortion = random.Next(1, 40);
        for (var i = 0; i < output.Length;)
        {
            var portion = Math.Min(random.Next(1, maxPortion + 1), output.Length - i);
            rewriter.Rewrite(output.AsSpan(i, portion));
            i += portion;
        }

        return output;
    }

    private static byte[] Frame(byte type, byte[] payload) => [type, 0, 7, .. Number(payload.Length), .. payload, 0xCE];

    // With the property that follows the headers: delivery mode.
    private static byte[] ContentHeaderFrame(byte[] table) =>
        Frame(ContentHeader, [0, 60, 0, 0, .. new byte[8], 0xB0, 0, .. ShortString("application/json"), .. table, 2]);

    private static byte[] Table(byte[] fields) => [.. Number(fields.Length), .. fields];

    private static byte[] Field(string name, char type, params byte[] value) => [.. ShortString(name), (byte)type, .. value];

    private static byte[] Decimal(byte scale) => Field("h", 'D', scale, 0, 0, 0, 1);

    private static byte[] Nested(char type, int depth)
    {
        var value = Array.Empty<byte>();
        var start = new byte[depth * 7];
        var end = start.Length;
        for (var i = 0; i < depth; i++)
        {
            byte[] field = type == 'F' || i == depth - 1
                ? [.. ShortString("h"), (byte)type, .. Number(start.Length - end + value.Length)]
                : [(byte)type, .. Number(start.Length - end + value.Length)];
            end -= field.Length;
            field.CopyTo(start, end);
        }

        return start[end..];
    }

    // How many containers of this type are nested, as the client reads them.
    private static int CountNested(byte[] frame, char type)
    {
        var position = 7 + 14 + 1 + "application/json".Length + 4;
        for (var depth = 0; ; depth++)
        {
            position += depth == 0 || type == 'F' ? 2 : 0; // the name
            if (frame[position] != type)
            {
                Assert.Equal((byte)'x', frame[position]);
                return depth;
            }

            position += 5;
        }
    }

    private static byte[] ShortString(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static (byte[] Fields, byte[] Rewritten) RandomFields(Random random, int depth, bool isTable)
    {
        List<byte> fields = [], rewritten = [];
        for (var count = random.Next(depth > 3 ? 2 : 5); count > 0; count--)
        {
            byte[] name = isTable ? ShortString(new string('n', random.Next(20))) : [];
            var (value, expected) = RandomValue(random, depth);
            fields.AddRange([.. name, .. value]);
            rewritten.AddRange([.. name, .. expected]);
        }

        return ([.. fields], [.. rewritten]);
    }

    private static (byte[] Value, byte[] Rewritten) RandomValue(Random random, int depth)
    {
        var type = "FASxDVtbBsuIiflldTFA"[random.Next(20)];
        switch (type)
        {
            case 'F' or 'A':
                var (fields, rewritten) = RandomFields(random, depth + 1, isTable: type == 'F');
                return depth < DeliveryHeaderRewriter.MaxDepth
                    ? ([(byte)type, .. Table(fields)], [(byte)type, .. Table(rewritten)])
                    : ([(byte)type, .. Table(fields)], [(byte)'x', .. Table(fields)]);
            case 'S' or 'x':
                var bytes = RandomBytes(random, random.Next(100));
                return ([(byte)type, .. Table(bytes)], [(byte)type, .. Table(bytes)]);
            case 'D':
                var value = RandomBytes(random, 5);
                return ([(byte)type, .. value], [(byte)type, value[0] > 28 ? (byte)0 : value[0], .. value[1..]]);
            default:
                var size = type switch { 'V' => 0, 't' or 'b' or 'B' => 1, 's' or 'u' => 2, 'I' or 'i' or 'f' => 4, _ => 8 };
                byte[] same = [(byte)type, .. RandomBytes(random, size)];
                return (same, same);
        }
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
