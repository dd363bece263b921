using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Runs.Tests.Http;

/// <summary>A value of a member or parameter that its schema allows or excludes, by one of its bounds.</summary>
/// <param name="Bound">The keyword of the schema, such as <c>maxLength</c>.</param>
/// <param name="Value">The value as JSON.</param>
/// <param name="IsAllowed">Whether the schema allows the value.</param>
internal sealed record SchemaBound(string Bound, string Value, bool IsAllowed)
{
    private static readonly string[] TextsThatMatchFewPatterns = ["!", ".", "x", "no such:value"];

    /// <summary>The values at every bound of a schema without references, and those just beyond it.</summary>
    /// <param name="schema">The schema of the member or parameter.</param>
    /// <param name="item">An allowed item, as JSON, when the schema is an array.</param>
    public static IEnumerable<SchemaBound> Find(JsonElement schema, string item) =>
        schema.EnumerateObject().SelectMany(keyword => Find(schema, keyword, item));

    private static IEnumerable<SchemaBound> Find(JsonElement schema, JsonProperty keyword, string item) => keyword switch
    {
        { Name: "maxLength", Value: var max } => AtLength(schema, keyword.Name, max.GetInt32(), beyond: 1),
        { Name: "minLength", Value: var min } => AtLength(schema, keyword.Name, min.GetInt32(), beyond: -1),
        { Name: "maxItems", Value: var max } => AtCount(keyword.Name, item, max.GetInt32(), beyond: 1),
        { Name: "minItems", Value: var min } => AtCount(keyword.Name, item, min.GetInt32(), beyond: -1),
        { Name: "maximum", Value: var max } => AtNumber(keyword.Name, max.GetRawText(), beyond: 1),
        { Name: "minimum", Value: var min } => AtNumber(keyword.Name, min.GetRawText(), beyond: -1),
        { Name: "pattern", Value: var pattern } => [Excluded(keyword.Name, FindTextBeyond(schema, pattern.GetString()!))],
        { Name: "enum", Value: var values } => AtEnum(keyword.Name, values),
        { Name: "maxProperties" or "minProperties" or "exclusiveMaximum" or "exclusiveMinimum" or "multipleOf" } =>
            throw new NotSupportedException($"This test does not know the bound {keyword.Name}."),
        _ => [],
    };

    private static IEnumerable<SchemaBound> AtLength(JsonElement schema, string bound, int length, int beyond) =>
    [
        new(bound, Quote(CreateText(schema, length)), true),
        .. length + beyond >= 0 ? [Excluded(bound, CreateText(schema, length + beyond))] : Array.Empty<SchemaBound>(),
    ];

    private static IEnumerable<SchemaBound> AtCount(string bound, string item, int count, int beyond) =>
        [new(bound, CreateArray(item, count), true), new(bound, CreateArray(item, count + beyond), false)];

    // Text, because the numbers beyond some bounds have no .NET type. Integers are exact; beyond the largest number of
    // a floating point type is one of the next power of ten.
    private static IEnumerable<SchemaBound> AtNumber(string bound, string number, int beyond) =>
    [
        new(bound, number, true),
        new(
            bound,
            BigInteger.TryParse(number, CultureInfo.InvariantCulture, out var integer)
                ? (integer + beyond).ToString(CultureInfo.InvariantCulture)
                : $"1e{(int)Math.Log10(double.Parse(number, CultureInfo.InvariantCulture)) + 1}",
            false),
    ];

    private static IEnumerable<SchemaBound> AtEnum(string bound, JsonElement values) =>
        [.. values.EnumerateArray().Select(value => new SchemaBound(bound, value.GetRawText(), true)), Excluded(bound, "no such value")];

    private static SchemaBound Excluded(string bound, string text) => new(bound, Quote(text), false);

    // A text of the length that matches the pattern, if it can be so short: what the pattern begins with, and letters.
    private static string CreateText(JsonElement schema, int length)
    {
        var pattern = schema.TryGetProperty("pattern", out var value) ? value.GetString()! : "";
        var text = Regex.Match(pattern, "^\\^([a-z]+:)").Groups[1].Value.PadRight(length, 'a')[..length];
        return text;
    }

    private static string FindTextBeyond(JsonElement schema, string pattern)
    {
        var length = schema.TryGetProperty("minLength", out var min) ? min.GetInt32() : 1;
        return TextsThatMatchFewPatterns.Select(text => text.PadRight(length, text[^1])).First(text => !Regex.IsMatch(text, pattern));
    }

    private static string CreateArray(string item, int count) => $"[{string.Join(',', Enumerable.Repeat(item, count))}]";

    private static string Quote(string text) => JsonSerializer.Serialize(text);
}
