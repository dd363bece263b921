using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Runs.Validation;

/// <summary>
/// The differences between two JSON values: JSON Pointers (RFC 6901) to the deepest members that differ, never their
/// values.
/// </summary>
/// <remarks>
/// A member or array item that only one side has gets its own pointer. Items are compared by index. A difference whose
/// pointer would exceed 512 characters, because of its depth or long names, is reported at the nearest enclosing member
/// with a shorter pointer, so that replies stay small.
/// </remarks>
internal sealed class JsonDiff
{
    private const int MaxPointers = 50;
    private const int MaxPointerLength = 512;

    private readonly List<string> _pointers = [];

    /// <summary>Returns at most 50 pointers, and none when the values are canonically equal.</summary>
    public static IReadOnlyList<string> Compare(JsonElement stored, JsonElement sent)
    {
        var differences = new JsonDiff();
        differences.CompareValues(stored, sent, "");
        return differences._pointers;
    }

    /// <summary>
    /// Returns the pointer to a member of the value at <paramref name="pointer"/>, or null when it would be too long.
    /// </summary>
    public static string? AppendPointer(string pointer, string name)
    {
        if (pointer.Length + name.Length >= MaxPointerLength)
        {
            return null;
        }

        var step = $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
        return step.Length <= MaxPointerLength ? step : null;
    }

    private bool IsFull => _pointers.Count == MaxPointers;

    private void CompareValues(JsonElement stored, JsonElement sent, string pointer)
    {
        if (IsFull || JsonMarshal.GetRawUtf8Value(stored).SequenceEqual(JsonMarshal.GetRawUtf8Value(sent)))
        {
            return;
        }

        if (stored.ValueKind != sent.ValueKind)
        {
            AddDifference(pointer);
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
            case JsonValueKind.String or JsonValueKind.Number when !AreCanonicallyEqual(stored, sent):
                AddDifference(pointer);
                break;
        }
    }

    // Merges the members of both sides in the order of their names, so that an object of any size is read once.
    private void CompareObjects(JsonElement stored, JsonElement sent, string pointer)
    {
        var (storedNames, storedValues) = CanonicalJson.GetSortedProperties(stored);
        var (sentNames, sentValues) = CanonicalJson.GetSortedProperties(sent);
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
                AddDifference(AppendPointer(pointer, order < 0 ? storedNames[i++] : sentNames[j++]) ?? pointer);
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
                AddDifference(AppendPointer(pointer, name) ?? pointer);
            }
        }
    }

    private void CompareMembers(JsonElement stored, JsonElement sent, string pointer, string name)
    {
        if (AppendPointer(pointer, name) is { } member)
        {
            CompareValues(stored, sent, member);
        }
        else if (!AreCanonicallyEqual(stored, sent))
        {
            AddDifference(pointer);
        }
    }

    private static bool AreCanonicallyEqual(JsonElement stored, JsonElement sent) =>
        CanonicalJson.Canonicalize(stored).WrittenSpan.SequenceEqual(CanonicalJson.Canonicalize(sent).WrittenSpan);

    private void AddDifference(string pointer)
    {
        if (!IsFull && (_pointers.Count == 0 || _pointers[^1] != pointer))
        {
            _pointers.Add(pointer);
        }
    }
}
