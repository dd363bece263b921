using System.Text.Json;

namespace Runs.Tests.Fuzz;

/// <summary>The ranges of the values and members in a JSON text.</summary>
internal sealed record JsonRanges(IReadOnlyList<Range> Values, IReadOnlyList<(Range Of, Range Name)> Members)
{
    /// <summary>Finds the ranges in a JSON text; returns null if it is not JSON.</summary>
    public static JsonRanges? Find(byte[] json)
    {
        var values = new List<Range>();
        var members = new List<(Range Of, Range Name)>();
        var open = new Stack<(int Start, Range? Name)>();
        Range? name = null;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 10_000 });
        try
        {
            while (reader.Read())
            {
                var start = (int)reader.TokenStartIndex;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = start..(start + reader.ValueSpan.Length + 2);
                        continue;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        open.Push((start, name));
                        name = null;
                        continue;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        (start, name) = open.Pop();
                        break;
                }

                var end = (int)reader.BytesConsumed;
                values.Add(start..end);
                if (name is { } named)
                {
                    members.Add((named.Start..end, named));
                }

                name = null;
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return new JsonRanges(values, members);
    }
}
