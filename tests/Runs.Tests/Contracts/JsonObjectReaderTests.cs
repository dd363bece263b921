using System.Text.Json;
using Runs.Contracts;

namespace Runs.Tests.Contracts;

public sealed class JsonObjectReaderTests
{
    private readonly List<ValidationError> _errors = [];

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
    public void An_integer_is_read_in_any_notation(string literal, long expected)
    {
        Assert.Equal(expected, CreateReader($$"""{"n":{{literal}}}""").GetInteger("n", long.MinValue, long.MaxValue));
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
    public void Fractions_and_numbers_beyond_Int64_are_not_integers(string literal)
    {
        Assert.Null(CreateReader($$"""{"n":{{literal}}}""").GetInteger("n", long.MinValue, long.MaxValue));
        Assert.Single(_errors);
    }

    [Fact]
    public void Raw_values_keep_their_text()
    {
        var fields = CreateReader("""{"o":{ "a":1.0},"a":[ 1e400],"n":null,"t":true,"f":false,"s":""}""");

        Assert.Equal(new RawJson("""{ "a":1.0}"""), fields.GetRawObject("o"));
        Assert.Equal(new RawJson("[ 1e400]"), fields.GetRawArray("a"));
        Assert.Equal(RawJson.Null, fields.GetRawValue("n"));
        Assert.Equal(RawJson.Null, fields.GetRequiredRawValue("n"));
        Assert.Null(fields.GetRawValue("absent"));
        Assert.True(fields.GetBoolean("t"));
        Assert.False(fields.GetBoolean("f") || fields.GetBoolean("n") || fields.GetBoolean("absent"));
        Assert.Equal("", fields.GetRequiredString("s"));
        Assert.True(fields.HasValue("s"));
        Assert.False(fields.HasValue("n") || fields.HasValue("absent"));
        Assert.Empty(_errors);
    }

    [Fact]
    public void Invalid_values_read_as_null_and_are_reported_with_pointers()
    {
        var fields = CreateReader("""{"o":[],"a":{},"b":"true","s":7}""", "/up");

        Assert.Null(fields.GetRawObject("o"));
        Assert.Null(fields.GetRawArray("a"));
        Assert.False(fields.GetBoolean("b"));
        Assert.Null(fields.GetString("s"));
        Assert.Null(fields.GetRequiredString("absent"));
        Assert.Null(fields.GetRequiredRawValue("missing"));
        Assert.Equal(
            [
                new ValidationError("/up/o", "must be an object."),
                new ValidationError("/up/a", "must be an array."),
                new ValidationError("/up/b", "must be true or false."),
                new ValidationError("/up/s", "must be a string."),
                new ValidationError("/up/absent", "is required."),
                new ValidationError("/up/missing", "is required; it may be null."),
            ],
            _errors);
    }

    [Fact]
    public void A_value_that_is_not_an_object_is_reported_once()
    {
        var fields = CreateReader("[]", "/up");

        Assert.Null(fields.GetRequiredString("a"));
        Assert.Null(fields.GetRequiredRawValue("b"));
        Assert.Null(fields.GetInteger("c", 0, 1));
        Assert.Equal([new ValidationError("/up", "must be an object.")], _errors);
    }

    private JsonObjectReader CreateReader(string json, string pointer = "") => new(JsonElement.Parse(json), pointer, _errors);
}
