using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Runs.Contracts;

/// <summary>
/// Where two JSON values differ: pointers (RFC 6901) to the deepest members that do, never their values.
/// </summary>
/// <remarks>
/// A member or array item that only one side has is named itself. Items are compared by index. What lies too deep or under too long a name for a
/// pointer of 512 characters is reported as the nearest member around it that has one, so that answers stay small.
/// </remarks>
internal sealed class JsonDifferences
{
    private const int MaxPointers = 50;
    private const int MaxPointerLength = 512;

    private readonly List<string> _pointers = [];

    /// <summary>The pointers, at most 50; none when the values are canonically equal.</summary>
    public static IReadOnlyList<string> Between(JsonElement stored, JsonElement sent)
    {
        var differences = new JsonDifferences();
        differences.Compare(stored, sent, "");
        return differences._pointers;
    }

    /// <summary>The pointer to a member of what <paramref name="pointer"/> points to; null when it would be too long.</summary>
    public static string? Step(string pointer, string name)
    {
        if (pointer.Length + name.Length >= MaxPointerLength)
        {
            return null;
        }

        var step = $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
        return step.Length <= MaxPointerLength ? step : null;
    }

    private bool IsFull => _pointers.Count == MaxPointers;

    private void Compare(JsonElement stored, JsonElement sent, string pointer)
    {
        if (IsFull || JsonMarshal.GetRawUtf8Value(stored).SequenceEqual(JsonMarshal.GetRawUtf8Value(sent)))
        {
            return;
        }

        if (stored.ValueKind != sent.ValueKind)
        {
            Report(pointer);
            return;
        }

        switch (stored.ValueKind)
        {
            case JsonValueKind.Object:
                CompareObjects(stored, sent, pointer);
                break;
            case JsonValueKind.Array:
                CompareArrays(stored, sent, pointer);
                break;
            case JsonValueKind.String or JsonValueKind.Number when !IsSame(stored, sent):
                Report(pointer);
                break;
        }
    }

    // Both sides in the order of their names, like the two halves of a merge sort: an object of any size is gone through once.
    private void CompareObjects(JsonElement stored, JsonElement sent, string pointer)
    {
        var (storedNames, storedValues) = CanonicalJson.Members(stored);
        var (sentNames, sentValues) = CanonicalJson.Members(sent);
        int i = 0, j = 0;
        while (!IsFull && (i < storedNames.Length || j < sentNames.Length))
        {
            var order = i == storedNames.Length ? 1
                : j == sentNames.Length ? -1
                : string.CompareOrdinal(storedNames[i], sentNames[j]);
            if (order == 0)
            {
                CompareMembers(storedValues[i++], sentValues[j], pointer, sentNames[j++]);
            }
            else
            {
                Report(Step(pointer, order < 0 ? storedNames[i++] : sentNames[j++]) ?? pointer);
            }
        }
    }

    private void CompareArrays(JsonElement stored, JsonElement sent, string pointer)
    {
        var storedItems = stored.EnumerateArray();
        var sentItems = sent.EnumerateArray();
        for (var index = 0; !IsFull; index++)
        {
            var (isStored, isSent) = (storedItems.MoveNext(), sentItems.MoveNext());
            if (!isStored && !isSent)
            {
                return;
            }

            var name = index.ToString(CultureInfo.InvariantCulture);
            if (isStored && isSent)
            {
                CompareMembers(storedItems.Current, sentItems.Current, pointer, name);
            }
            else
            {
                Report(Step(pointer, name) ?? pointer);
            }
        }
    }

    private void CompareMembers(JsonElement stored, JsonElement sent, string pointer, string name)
    {
        if (Step(pointer, name) is { } member)
        {
            Compare(stored, sent, member);
        }
        else if (!IsSame(stored, sent))
        {
            Report(pointer);
        }
    }

    private static bool IsSame(JsonElement stored, JsonElement sent) =>
        CanonicalJson.Form(stored).WrittenSpan.SequenceEqual(CanonicalJson.Form(sent).WrittenSpan);

    private void Report(string pointer)
    {
        if (!IsFull && (_pointers.Count == 0 || _pointers[^1] != pointer))
        {
            _pointers.Add(pointer);
        }
    }
}
