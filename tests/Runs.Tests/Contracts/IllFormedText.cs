using System.Text;
using System.Text.Json;
using CsCheck;
using Runs.Contracts;

namespace Runs.Tests.Contracts;

public sealed class IllFormedText
{
    private const string InText = "must be well-formed Unicode, without halves of surrogate pairs.";
    private const string InName = "must not have a member whose name is ill-formed Unicode.";

    [Theory]
    [InlineData("""{"a":"\ud83d\ude00","\uD83D\uDE00":"\u20ac\\ud800"}""")]
    [InlineData("""["\\\ud83d\ude00", "\\ud800", "\n\u0000"]""")]
    [InlineData("\"\"")]
    [InlineData("7")]
    public void Good_text_is_not_complained_about(string json) => Assert.Null(JsonFields.FindIllFormedText(JsonElement.Parse(json)));

    [Theory]
    [InlineData("\"\\ud800\"", "", InText)]
    [InlineData("\"\\udc00\"", "", InText)]
    [InlineData("\"\\ude00\\ud83d\"", "", InText)]
    [InlineData("\"\\ud83dx\\ude00\"", "", InText)]
    [InlineData("\"\\ud83d\\n\\ude00\"", "", InText)]
    [InlineData("\"\\ud83d\\ud83d\\ude00\"", "", InText)]
    [InlineData("""{"a":[1,{"b/c":"\uD83D"}]}""", "/a/1/b~1c", InText)]
    [InlineData("""{"a":{"\ud800":1}}""", "/a", InName)]
    public void Half_a_surrogate_pair_is_found(string json, string pointer, string detail) =>
        Assert.Equal(new InvalidMember(pointer, detail), JsonFields.FindIllFormedText(JsonElement.Parse(json)));

    [Theory]
    [InlineData("{\"a\":\"\u00ff\"}", "/a", InText)]
    [InlineData("{\"a\":{\"\u00c3\":1}}", "/a", InName)]
    public void Bytes_that_are_no_utf8_are_found(string latin1, string pointer, string detail) =>
        Assert.Equal(new InvalidMember(pointer, detail), JsonFields.FindIllFormedText(JsonElement.Parse(Encoding.Latin1.GetBytes(latin1))));

    [Fact]
    public void What_is_not_complained_about_can_be_read() =>
        Gen.OneOf(
                AnyJson.OneOf("\\ud83d", "\\ude00", "\\u0041", "\\\\", "\\n"),
                AnyJson.OneOf("x", "u", "d800", "\u00e9", "\u0080"))
            .Array[0, 6].Select(string.Concat).Sample(text =>
            {
                var element = JsonElement.Parse($"\"{text}\"");

                Assert.Equal(JsonFields.FindIllFormedText(element) is null, CanBeRead(element));
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
