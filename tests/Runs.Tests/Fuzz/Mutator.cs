using System.Text;

namespace Runs.Tests.Fuzz;

/// <summary>Changes valid inputs at random into invalid or unusual ones.</summary>
internal sealed class Mutator(Random random)
{
    private static readonly string[] OddValues =
    [
        "null", "true", "false", "0", "-0", "0.0", "1.0", "1e0", "-1", "1.5", "1e2", "0e99", "2147483647", "2147483648",
        "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
        "1e400", "-1e400", "1e-400", "1e99999999999", "1e-99999999999", "1e99999999999999999999", $"1{new string('0', 400)}",
        $"0.{new string('0', 400)}1", $"-{new string('9', 5000)}", "{}", "[]", "[[]]", "{\"a\":{}}", "{\"\":null}",
        "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"\\ud800\":1}", "{\"\\u0000\":1}", "[1,[2,{\"b\":[3]}]]", "\"\"",
        "\" \"", "\"\\u0000\"", "\"\\n\"", "\"\\u0085\"", "\"\\u2028\"", "\"\\ufeff\"", "\"\\uffff\"", "\"\\ud800\"",
        "\"\\udc00\\ud800\"", "\"\\ud83d\\ude00\"", "\"agent\"", "\"task\"", "\"workflow\"", "\"eval\"", "\"job\"",
        "\"project\"", "\"conversation\"", "\"pending\"", "\"running\"", "\"completed\"", "\"failed\"", "\"cancelled\"",
        "\"tool\"", "\"approval\"", "\"input\"", "\"event\"", "\"tool_result\"", "\"existing\"", "\"create_new\"", "\"none\"",
        "\"environment\"", "\"RUN_STARTED\"", "\"RUN_FINISHED\"", "\"RUN_ERROR\"", "\"AGENT_RUN_MODEL_CALL_CONTEXT\"",
        "\"STEP_STARTED\"", "\"MESSAGES_SNAPSHOT\"", "\"task:\"", "\"task:x\"", "\"agent:\\u0000\"", "\"run_1\"", "\".run\"",
        "\"7D0F6F0E-5A0C-4C0F-9D0B-1F6A2F9F2A10\"", "\"{7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10}\"",
        "\"7d0f6f0e5a0c4c0f9d0b1f6a2f9f2a10\"", "\"00000000-0000-0000-0000-000000000000\"", "\"2026-09-01T02:00:00Z\"",
        "\"0001-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59.9999999Z\"",
        "\"9999-12-31T23:59:59-14:00\"", "\"2026-09-01T02:00:00.123456789+25:00\"", "\"2026-02-30T00:00:00Z\"",
        "\"2026-09-01T24:00:00Z\"", "\"1969-12-31T23:59:59.999Z\"",
    ];

    private static readonly string[] InvalidValues =
    [
        "", ",", "NaN", "Infinity", "-", "01", "+1", ".5", "1.", "1e", "'a'", "undefined", "/**/1", "tru", "\"", "\"\\x\"",
        "\"\\ud8\"", "\"\t\"", "{", "]", "{,}", "[1,]", "{\"a\"}", "\u00a01",
    ];

    private static readonly string[] OddTexts =
    [
        "", " ", "0", "-1", "+1", "1e3", "1.0", " 1", "1 ", "0x10", "9223372036854775807", "9223372036854775808",
        "99999999999999999999", "\u0663", "true", "null", "*", "\"", "\"1\"", "W/\"1\"", ",", ";", "=", "==", ".", "..", "/",
        "//", "\\", "%", "%2", "%2F", "%25", "%zz", "%01", "%C0%AF", "%ED%A0%80", "%F4%90%80%80", "%FF", "%2e%2e%2f", "\u007f",
        "\u0001", "\t", "\u00e9", "\u20ac", "\ufeff", "\U0001f600", "'", "' OR 1=1 --", "$ne", "{\"$gt\":\"\"}", "{{7*7}}",
        "<script>", "00000000-0000-0000-0000-000000000000", "7D0F6F0E-5A0C-4C0F-9D0B-1F6A2F9F2A10", "_", "__", "vf_", "vf__",
        "A", "AAAA", "____",
    ];

    private static readonly int[] Lengths =
    [
        1, 2, 64, 65, 127, 128, 129, 255, 256, 257, 260, 261, 262, 1000, 1001, 4096, 20_000, 20_001, 65_535, 65_536, 65_537,
    ];

    // Byte order marks, the beginning of gzip, and white space.
    private static readonly byte[][] Prefixes =
        [[0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff], [0x1f, 0x8b, 8, 0], [0], [(byte)' ', (byte)'\n']];

    private static readonly string[] MemberNames = ["\"\"", "\"\\ud800\"", "\"\\u0000\"", "\"a/b~c\"", "\"from_the_future\""];

    public bool Chance(int oneIn) => random.Next(oneIn) == 0;

    public T OneOf<T>(params IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    /// <summary>
    /// Returns a JSON text with one to three changes: of values, members, and sometimes single bytes.
    /// </summary>
    public byte[] MutateJson(byte[] valid)
    {
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            valid = Chance(6) ? MutateBytes(valid) : MutateStructure(valid);
        }

        return valid;
    }

    /// <summary>
    /// Returns the bytes with one change: flipped bits, or bytes inserted, removed, repeated or prepended.
    /// </summary>
    public byte[] MutateBytes(byte[] valid)
    {
        var at = random.Next(valid.Length + 1);
        var length = random.Next(Math.Min(valid.Length - at, 40) + 1);
        switch (random.Next(10))
        {
            case 0 or 1 or 2 when at < valid.Length:
                var flipped = (byte[])valid.Clone();
                flipped[at] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 3:
                return [.. valid[..at], OneOf<byte>([0, 0xff, 0xfe, 0xc0, 0x80, 0xed, .. "\"\\{}[,\n"u8]), .. valid[at..]];
            case 4:
                return [.. valid[..at], .. valid[(at + length)..]];
            case 5:
                return [.. valid[..(at + length)], .. valid[at..]];
            case 6:
                return valid[..at];
            case 7:
                var noise = new byte[random.Next(64)];
                random.NextBytes(noise);
                return Chance(3) ? noise : [.. valid[..at], .. noise, .. valid[at..]];
            case 8:
                return [.. OneOf(Prefixes), .. valid];
            default:
                return Chance(4) ? Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(valid)) : [.. valid, .. valid[at..]];
        }
    }

    /// <summary>Returns a text of one line, such as an id, a cursor or a token, with one change.</summary>
    public string MutateText(string valid)
    {
        var at = random.Next(valid.Length + 1);
        return random.Next(8) switch
        {
            0 => OneOf(OddTexts),
            1 => valid[..at] + OneOf(OddTexts) + valid[at..],
            2 => valid[..at],
            3 => valid + valid[at..],
            4 when at < valid.Length => valid.Remove(at, 1),
            5 => new string(OneOf('a', '0', '-', '_', '/', '\u20ac'), OneOf(Lengths)),
            _ when at < valid.Length => $"{valid[..at]}{(char)(valid[at] ^ (1 << random.Next(7)))}{valid[(at + 1)..]}",
            _ => valid.ToUpperInvariant(),
        };
    }

    /// <summary>Creates a JSON value, valid or almost valid.</summary>
    public string CreateValue() => random.Next(12) switch
    {
        0 => OneOf(InvalidValues),
        1 => $"\"{new string(OneOf('x', '\u00e9', '\u20ac'), OneOf(Lengths))}\"",
        2 => $"\"{string.Concat(Enumerable.Repeat(OneOf("\\u0041", "\\n", "\\ud83d\\ude00", "\\/"), OneOf(Lengths)))}\"",
        3 => Nest("1"),
        4 => $"[{string.Join(',', Enumerable.Repeat(OneOf(OddValues), OneOf(1, 2, 50, 99, 100, 101, 1000)))}]",
        5 => $"{{{string.Join(',', Enumerable.Range(0, OneOf(1, 2, 100, 1000)).Select(n => $"\"{n}\":{n}"))}}}",
        _ => OneOf(OddValues),
    };

    private byte[] MutateStructure(byte[] valid)
    {
        if (JsonRanges.Find(valid) is not { Values: [_, ..] values } ranges)
        {
            return MutateBytes(valid);
        }

        var (value, member) = (OneOf(values), ranges.Members.Count > 0 ? OneOf(ranges.Members) : default);
        var text = Encoding.UTF8.GetString(valid[value]);
        return random.Next(10) switch
        {
            0 when member.Of.End.Value > 0 => RemoveMember(valid, member.Of),
            1 when member.Of.End.Value > 0 => ReplaceRange(valid, member.Of.Start..member.Of.Start, [.. valid[member.Of], (byte)',']),
            2 when member.Of.End.Value > 0 => ReplaceRange(valid, member.Name, ToUtf8(OneOf([.. MemberNames, CreateValue()]))),
            3 when member.Of.End.Value > 0 => ReplaceRange(
                valid, member.Of.Start..member.Of.Start, ToUtf8($"{OneOf("\"x\"", "\"\\udc00\"", "\"\u20ac\"")}:{CreateValue()},")),
            4 => ReplaceRange(valid, value, valid[OneOf(values)]),
            5 => ReplaceRange(valid, value, ToUtf8(Nest(text))),
            6 => ReplaceRange(valid, value, ToUtf8(OneOf($"[{text}]", $"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\""))),
            _ => ReplaceRange(valid, value, ToUtf8(CreateValue())),
        };
    }

    private string Nest(string value)
    {
        var levels = OneOf(1, 2, 30, 58, 60, 61, 62, 63, 64, 65, 66, 130, 5000);
        return Chance(2)
            ? new string('[', levels) + value + new string(']', levels)
            : string.Concat(Enumerable.Repeat("{\"a\":", levels)) + value + new string('}', levels);
    }

    private static byte[] ToUtf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] ReplaceRange(byte[] json, Range at, byte[] value) => [.. json[..at.Start], .. value, .. json[at.End..]];

    private static byte[] RemoveMember(byte[] json, Range member)
    {
        var (start, end) = (member.Start.Value, member.End.Value);
        return end < json.Length && json[end] == ',' ? ReplaceRange(json, start..(end + 1), [])
            : start > 0 && json[start - 1] == ',' ? ReplaceRange(json, (start - 1)..end, [])
            : ReplaceRange(json, member, []);
    }
}
