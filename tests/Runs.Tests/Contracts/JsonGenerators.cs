using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace Runs.Tests.Contracts;

/// <summary>Generates random JSON values, and writes a value in random notation.</summary>
internal static class JsonGenerators
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Char["ab/~\"\\\n\t\u0001\u007f\u20ac\u00e9"].Array[0, 6].Select(units => new string(units)),
        OneOf("", "a", "0", "a/b", "m~n", "\U0001f600", "\ufb33", "\u20ac"));

    private static readonly Gen<JsonNode?> Leaves = Gen.OneOf(
        Texts.Select(text => (JsonNode?)JsonValue.Create(text)),
        Gen.Int.Select(number => (JsonNode?)JsonValue.Create(number)),
        Gen.Double.Where(double.IsFinite).Select(number => (JsonNode?)JsonValue.Create(number)),
        Gen.Bool.Select(truth => (JsonNode?)JsonValue.Create(truth)),
        Gen.Const((JsonNode?)null));

    /// <summary>Values of up to four levels.</summary>
    public static Gen<JsonNode?> Values { get; } = CreateGenerator(4);

    /// <summary>Generates one of the given values.</summary>
    public static Gen<T> OneOf<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(index => choices[index]);

    /// <summary>Writes a value with random order of members, white space, escapes and notation of numbers.</summary>
    public static string WriteRandomly(JsonNode? value, Random random)
    {
        var text = new StringBuilder();
        WriteRandomly(value, random, text);
        return text.ToString();
    }

    /// <summary>Returns the JSON Pointers to all values except objects and arrays that are not empty.</summary>
    public static IEnumerable<string> LeafPointers(JsonNode? value, string pointer = "") => value switch
    {
        JsonObject { Count: > 0 } members =>
            members.SelectMany(member => LeafPointers(member.Value, $"{pointer}/{Escape(member.Key)}")),
        JsonArray { Count: > 0 } items => items.SelectMany((item, index) => LeafPointers(item, $"{pointer}/{index}")),
        _ => [pointer],
    };

    /// <summary>Returns a copy of the value with another one at <paramref name="pointer"/>.</summary>
    public static JsonNode? ReplaceAt(JsonNode? value, string pointer, JsonNode? other)
    {
        if (pointer.Length == 0)
        {
            return other;
        }

        var step = pointer[1..].Split('/')[0];
        var rest = pointer[(step.Length + 1)..];
        var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        return value switch
        {
            JsonObject members => new JsonObject(members.Select(member =>
                KeyValuePair.Create(member.Key, member.Key == name ? ReplaceAt(member.Value, rest, other) : member.Value?.DeepClone()))),
            JsonArray items => new JsonArray([.. items.Select((item, index) =>
                index.ToString(CultureInfo.InvariantCulture) == name ? ReplaceAt(item, rest, other) : item?.DeepClone())]),
            _ => throw new ArgumentException("The value has no such member or item.", nameof(pointer)),
        };
    }

    /// <summary>Escapes a member name for a JSON Pointer (RFC 6901).</summary>
    public static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static Gen<JsonNode?> CreateGenerator(int levels) => levels == 0
        ? Leaves
        : Gen.Frequency(
            (2, Leaves),
            (2, CreateGenerator(levels - 1).Array[0, 4].Select(CreateArray)),
            (3, Gen.Select(Texts, CreateGenerator(levels - 1)).Array[0, 4].Select(CreateObject)));

    private static JsonNode? CreateArray(JsonNode?[] items) => new JsonArray([.. items.Select(item => item?.DeepClone())]);

    private static JsonNode? CreateObject((string Name, JsonNode? Value)[] members) => new JsonObject(members
        .DistinctBy(member => member.Name)
        .Select(member => KeyValuePair.Create(member.Name, member.Value?.DeepClone())));

    private static void WriteRandomly(JsonNode? value, Random random, StringBuilder text)
    {
        WriteWhiteSpace();
        switch (value)
        {
            case JsonObject members:
                WriteAll('{', members.OrderBy(_ => random.Next()), '}', member =>
                {
                    WriteWhiteSpace();
                    WriteStringRandomly(member.Key, random, text);
                    WriteWhiteSpace();
                    text.Append(':');
                    WriteRandomly(member.Value, random, text);
                });
                break;
            case JsonArray items:
                WriteAll('[', items, ']', item => WriteRandomly(item, random, text));
                break;
            case JsonValue leaf when leaf.GetValueKind() == JsonValueKind.String:
                WriteStringRandomly(leaf.GetValue<string>(), random, text);
                break;
            case JsonValue leaf when leaf.GetValueKind() == JsonValueKind.Number:
                text.Append(FormatNumberRandomly(leaf.ToJsonString(), random));
                break;
            default:
                text.Append(value?.ToJsonString() ?? "null");
                break;
        }

        WriteWhiteSpace();

        void WriteWhiteSpace() => text.Append(random.Next(6) switch { 0 => " ", 1 => "\r\n\t", _ => "" });

        void WriteAll<T>(char open, IEnumerable<T> parts, char close, Action<T> write)
        {
            text.Append(open);
            var isFirst = true;
            foreach (var part in parts)
            {
                text.Append(isFirst ? "" : ",");
                isFirst = false;
                write(part);
            }

            text.Append(close);
        }
    }

    private static void WriteStringRandomly(string value, Random random, StringBuilder text)
    {
        text.Append('"');
        foreach (var unit in value)
        {
            var mustEscape = unit is '"' or '\\' or < ' ' || char.IsSurrogate(unit);
            text.Append(mustEscape || random.Next(3) == 0
                ? string.Format(CultureInfo.InvariantCulture, random.Next(2) == 0 ? "\\u{0:x4}" : "\\u{0:X4}", (int)unit)
                : unit.ToString());
        }

        text.Append('"');
    }

    private static string FormatNumberRandomly(string literal, Random random) =>
        (random.Next(4), literal.Contains('E'), literal.Contains('.')) switch
        {
            (0, false, _) => $"{literal}e0",
            (1, false, _) => $"{literal}E+00",
            (2, false, true) => $"{literal}000",
            (2, false, false) => $"{literal}.0",
            (3, false, false) when literal.TrimStart('-') != "0" => $"{literal}00e-2",
            _ => literal.Replace("E", random.Next(2) == 0 ? "e" : "E", StringComparison.Ordinal),
        };
}
