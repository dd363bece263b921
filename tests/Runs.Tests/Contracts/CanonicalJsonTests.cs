using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Runs.Contracts;

namespace Runs.Tests.Contracts;

public sealed class CanonicalJsonTests
{
    // RFC 8785, appendix B: the bits of a double, and its canonical text.
    [Theory]
    [InlineData("0000000000000000", "0")]
    [InlineData("8000000000000000", "0")]
    [InlineData("0000000000000001", "5e-324")]
    [InlineData("8000000000000001", "-5e-324")]
    [InlineData("7fefffffffffffff", "1.7976931348623157e+308")]
    [InlineData("ffefffffffffffff", "-1.7976931348623157e+308")]
    [InlineData("4340000000000000", "9007199254740992")]
    [InlineData("c340000000000000", "-9007199254740992")]
    [InlineData("4430000000000000", "295147905179352830000")]
    [InlineData("44b52d02c7e14af5", "9.999999999999997e+22")]
    [InlineData("44b52d02c7e14af6", "1e+23")]
    [InlineData("44b52d02c7e14af7", "1.0000000000000001e+23")]
    [InlineData("444b1ae4d6e2ef4e", "999999999999999700000")]
    [InlineData("444b1ae4d6e2ef4f", "999999999999999900000")]
    [InlineData("444b1ae4d6e2ef50", "1e+21")]
    [InlineData("3eb0c6f7a0b5ed8c", "9.999999999999997e-7")]
    [InlineData("3eb0c6f7a0b5ed8d", "0.000001")]
    [InlineData("41b3de4355555553", "333333333.3333332")]
    [InlineData("41b3de4355555554", "333333333.33333325")]
    [InlineData("41b3de4355555555", "333333333.3333333")]
    [InlineData("41b3de4355555556", "333333333.3333334")]
    [InlineData("41b3de4355555557", "333333333.33333343")]
    [InlineData("becbf647612f3696", "-0.0000033333333333333333")]
    [InlineData("43143ff3c1cb0959", "1424953923781206.2")]
    public void The_RFC_8785_number_examples_are_canonicalized_as_published(string bits, string expected)
    {
        var number = BitConverter.Int64BitsToDouble(long.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));

        Assert.Equal(expected, Canonicalize(number.ToString("R", CultureInfo.InvariantCulture)));
        Assert.Equal(expected, Canonicalize(number.ToString("E16", CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("1.0", "1")]
    [InlineData("1e0", "1")]
    [InlineData("10E-1", "1")]
    [InlineData("0.1e+1", "1")]
    [InlineData("-0", "0")]
    [InlineData("-0.0e5", "0")]
    [InlineData("0e400", "0")]
    [InlineData("-17", "-17")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1e20", "100000000000000000000")]
    [InlineData("123456789012345678901234567890", "1.2345678901234568e+29")]
    [InlineData("1E-7", "1e-7")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("0.1", "0.1")]
    [InlineData("100", "100")]
    [InlineData("123.4500", "123.45")]
    [InlineData("1e-400", "0")]
    public void Numbers_are_written_as_ECMAScript_does(string literal, string expected) =>
        Assert.Equal(expected, Canonicalize(literal));

    [Theory]
    [InlineData("1e400", "1e+400")]
    [InlineData("-12.50E+0400", "-1.25e+401")]
    [InlineData("0.00123e405", "1.23e+402")]
    [InlineData("1e99999999999999999999", "1e99999999999999999999")]
    public void Numbers_beyond_double_range_keep_their_digits(string literal, string expected) =>
        Assert.Equal(expected, Canonicalize(literal));

    [Fact]
    public void A_number_of_any_length_is_written()
    {
        Assert.Equal($"1.{new string('1', 999)}e+999", Canonicalize(new string('1', 1000)));
        Assert.Equal("0.1111111111111111", Canonicalize($"0.{new string('1', 1000)}"));
    }

    // RFC 8785, section 3.2.2.
    [Fact]
    public void The_RFC_8785_example_is_canonicalized_as_published() => Assert.Equal(
        """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""",
        Canonicalize("""
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """));

    // RFC 8785, section 3.2.3: the emoji's surrogates sort before the Hebrew letter, whose code point is lower.
    [Fact]
    public void Member_names_are_sorted_by_UTF16_code_units() => Assert.Equal(
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"\u00f6\":\"Latin Small Letter O With Diaeresis\","
            + "\"\u20ac\":\"Euro Sign\",\"\U0001f600\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
        Canonicalize("""
            {
              "\u20ac": "Euro Sign",
              "\r": "Carriage Return",
              "\ufb33": "Hebrew Letter Dalet With Dagesh",
              "1": "One",
              "\ud83d\ude00": "Emoji: Grinning Face",
              "\u0080": "Control",
              "\u00f6": "Latin Small Letter O With Diaeresis"
            }
            """));

    [Theory]
    [InlineData("""
        "\u0000\u0001\u001F"
        """, """
        "\u0000\u0001\u001f"
        """)]
    [InlineData("""
        "\b\t\n\f\r\u0008\u0009\u000a\u000c\u000d"
        """, """
        "\b\t\n\f\r\b\t\n\f\r"
        """)]
    [InlineData("""
        "\/\u002F"
        """, """
        "//"
        """)]
    [InlineData("\"\\u007f\\u2028\\u003c\\u00E9\"", "\"\u007f\u2028<\u00e9\"")]
    [InlineData("\"\"", "\"\"")]
    public void Strings_are_escaped_only_where_JSON_requires_it(string literal, string expected) =>
        Assert.Equal(expected, Canonicalize(literal));

    [Fact]
    public void A_fingerprint_is_the_lowercase_hex_SHA256_of_the_canonical_form() => Assert.Equal(
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        CanonicalJson.ComputeFingerprint(JsonElement.Parse(" { } ")));

    [Fact]
    public void JSON_of_256_levels_is_canonicalized_on_a_small_stack()
    {
        var deep = new RawJson($"{Repeat("{\"a\":[", 128)}{Repeat("]}", 128)}");
        var other = new RawJson($$"""{{Repeat("{\"a\":[", 127)}}{"b":1}{{Repeat("]}", 127)}}""");
        IReadOnlyList<string> differences = [];

        var thread = new Thread(
            () =>
            {
                CanonicalJson.ComputeFingerprint(deep.ToElement());
                differences = CanonicalJson.FindDifferences(deep.ToElement(), other.ToElement());
            },
            maxStackSize: 256 * 1024);
        thread.Start();
        thread.Join();

        var prefix = Repeat("/a/0", 127);
        Assert.Equal([$"{prefix}/a", $"{prefix}/b"], differences);

        static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
    }

    private static string Canonicalize(string json)
    {
        var output = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(JsonElement.Parse(json), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
