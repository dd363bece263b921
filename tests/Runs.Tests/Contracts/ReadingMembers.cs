using System.Text.Json;
using Runs.Contracts;

namespace Runs.Tests.Contracts;

public sealed class ReadingMembers
{
    private readonly List<InvalidMember> _errors = [];

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("-0.00e9", 0)]
    [InlineData("0.0", 0)]
    [InlineData("-0e-8", 0)]
    [InlineData("0e99", 0)]
    [InlineData("1.0", 1)]
    [InlineData("120e-1", 12)]
    [InlineData("0.012e3", 12)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775807.0", long.MaxValue)]
    [InlineData("9.223372036854775807E18", long.MaxValue)]
    [InlineData("-9223372036854775808.0", long.MinValue)]
    public void A_whole_number_may_be_spelled_in_any_way(string literal, long expected)
    {
        Assert.Equal(expected, Fields($$"""{"n":{{literal}}}""").Integer("n", long.MinValue, long.MaxValue));
        Assert.Empty(_errors);
    }

    [Theory]
    [InlineData("0.5")]
    [InlineData("1e-1")]
    [InlineData("1e-400")]
    [InlineData("9223372036854775808")]
    [InlineData("9223372036854775808.0")]
    [InlineData("-9223372036854775809.0")]
    [InlineData("9007199254740993.5")]
    [InlineData("1e19")]
    [InlineData("1e400")]
    [InlineData("1e99999999999999999999")]
    [InlineData("11111111111111111111111111111111111111111111111111")]
    public void A_fraction_and_what_a_long_cannot_hold_are_no_whole_numbers(string literal)
    {
        Assert.Null(Fields($$"""{"n":{{literal}}}""").Integer("n", long.MinValue, long.MaxValue));
        Assert.Single(_errors);
    }

    [Fact]
    public void Values_are_given_back_as_they_were_sent()
    {
        var fields = Fields("""{"o":{ "a":1.0},"a":[ 1e400],"n":null,"t":true,"f":false,"s":""}""");

        Assert.Equal(new RawJson("""{ "a":1.0}"""), fields.Object("o"));
        Assert.Equal(new RawJson("[ 1e400]"), fields.Array("a"));
        Assert.Equal(RawJson.Null, fields.Any("n"));
        Assert.Equal(RawJson.Null, fields.RequiredAny("n"));
        Assert.Null(fields.Any("absent"));
        Assert.True(fields.Bool("t"));
        Assert.False(fields.Bool("f") || fields.Bool("n") || fields.Bool("absent"));
        Assert.Equal("", fields.RequiredText("s"));
        Assert.True(fields.Has("s"));
        Assert.False(fields.Has("n") || fields.Has("absent"));
        Assert.Empty(_errors);
    }

    [Fact]
    public void Wrong_values_read_as_null_and_are_named_with_their_places()
    {
        var fields = Fields("""{"o":[],"a":{},"b":"true","s":7}""", "/up");

        Assert.Null(fields.Object("o"));
        Assert.Null(fields.Array("a"));
        Assert.False(fields.Bool("b"));
        Assert.Null(fields.Text("s"));
        Assert.Null(fields.RequiredText("absent"));
        Assert.Null(fields.RequiredAny("missing"));
        Assert.Equal(
            [
                new InvalidMember("/up/o", "must be an object."),
                new InvalidMember("/up/a", "must be an array."),
                new InvalidMember("/up/b", "must be true or false."),
                new InvalidMember("/up/s", "must be a string."),
                new InvalidMember("/up/absent", "is required."),
                new InvalidMember("/up/missing", "is required; it may be null."),
            ],
            _errors);
    }

    [Fact]
    public void What_is_no_object_is_complained_about_once()
    {
        var fields = Fields("[]", "/up");

        Assert.Null(fields.RequiredText("a"));
        Assert.Null(fields.RequiredAny("b"));
        Assert.Null(fields.Integer("c", 0, 1));
        Assert.Equal([new InvalidMember("/up", "must be an object.")], _errors);
    }

    private JsonFields Fields(string json, string pointer = "") => new(JsonElement.Parse(json), pointer, _errors);
}
