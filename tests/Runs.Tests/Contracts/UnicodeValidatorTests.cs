using System.Text;
using System.Text.Json;
using CsCheck;

namespace Runs.Tests.Contracts;

public sealed class UnicodeValidatorTests
{
    private const string InvalidStringDetail = "must be well-formed Unicode, without halves of surrogate pairs.";
    private const string InvalidNameDetail = "must not have a member whose name is ill-formed Unicode.";

    [Theory]
    [InlineData("""{"a":"\ud83d\ude00","\uD83D\uDE00":"\u20ac\\ud800"}""")]
    [InlineData("""["\\\ud83d\ude00", "\\ud800", "\n\u0000"]""")]
    [InlineData("\"\"")]
    [InlineData("7")]
    public void Well_formed_text_has_no_error(string json) => Assert.Null(JsonObjectReader.FindUnicodeError(JsonElement.Parse(json)));

    [Theory]
    [InlineData("\"\\ud800\"", "", InvalidStringDetail)]
    [InlineData("\"\\udc00\"", "", InvalidStringDetail)]
    [InlineData("\"\\ude00\\ud83d\"", "", InvalidStringDetail)]
    [InlineData("\"\\ud83dx\\ude00\"", "", InvalidStringDetail)]
    [InlineData("\"\\ud83d\\n\\ude00\"", "", InvalidStringDetail)]
    [InlineData("\"\\ud83d\\ud83d\\ude00\"", "", InvalidStringDetail)]
    [InlineData("""{"a":[1,{"b/c":"\uD83D"}]}""", "/a/1/b~1c", InvalidStringDetail)]
    [InlineData("""{"a":{"\ud800":1}}""", "/a", InvalidNameDetail)]
    public void A_lone_surrogate_is_reported(string json, string pointer, string detail) =>
        Assert.Equal(new ValidationError(pointer, detail), JsonObjectReader.FindUnicodeError(JsonElement.Parse(json)));

    [Theory]
    [InlineData("{\"a\":\"\u00ff\"}", "/a", InvalidStringDetail)]
    [InlineData("{\"a\":{\"\u00c3\":1}}", "/a", InvalidNameDetail)]
    public void Invalid_UTF8_is_reported(string latin1, string pointer, string detail) => Assert.Equal(
        new ValidationError(pointer, detail),
        JsonObjectReader.FindUnicodeError(JsonElement.Parse(Encoding.Latin1.GetBytes(latin1))));

    [Fact]
    public void Text_without_an_error_can_be_read() =>
        Gen.OneOf(
                JsonGenerators.OneOf("\\ud83d", "\\ude00", "\\u0041", "\\\\", "\\n"),
                JsonGenerators.OneOf("x", "u", "d800", "\u00e9", "\u0080"))
            .Array[0, 6].Select(string.Concat).Sample(text =>
            {
                var element = JsonElement.Parse($"\"{text}\"");

                Assert.Equal(JsonObjectReader.FindUnicodeError(element) is null, CanBeRead(element));
            }, iter: 300);

    private static bool CanBeRead(JsonElement text)
    {
        try
        {
            _ = text.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
