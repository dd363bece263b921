using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Runs.Tests.Fuzz;

/// <summary>Canonical JSON of random values and numbers.</summary>
public sealed class CanonicalJsonFuzzTests
{
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = 256 };

    [Fact]
    public Task Canonical_forms_are_stable_and_equal_exactly_for_equal_values() => FuzzRunner.Run(2000, (random, input) =>
    {
        var mutation = new Mutator(random);
        var (one, other) = (Value(), Value());
        input.Append(FuzzRunner.ToLiteral(one)).Append(' ').Append(FuzzRunner.ToLiteral(other));
        if (Parse(one) is not { } stored || Parse(other) is not { } sent)
        {
            return;
        }

        var (form, otherForm) = (Canonicalize(stored), Canonicalize(sent));

        Assert.Equal(form, Canonicalize(JsonElement.Parse(form, DocumentOptions)));
        Assert.Empty(CanonicalJson.FindDifferences(stored, JsonElement.Parse(form, DocumentOptions)));
        Assert.Null(JsonObjectReader.FindUnicodeError(JsonElement.Parse(form, DocumentOptions)));
        Assert.Equal(form == otherForm, CanonicalJson.FindDifferences(stored, sent).Count == 0);
        Assert.Equal(form == otherForm, CanonicalJson.ComputeFingerprint(stored) == CanonicalJson.ComputeFingerprint(sent));

        byte[] Value()
        {
            var valid = mutation.OneOf([ValidBodies.Complete, ValidBodies.Append, "1", "\"x\"", mutation.CreateValue()]);
            return mutation.MutateJson(Encoding.UTF8.GetBytes(valid));
        }
    });

    [Fact]
    public Task Canonical_numbers_keep_their_value() => FuzzRunner.Run(5000, (random, input) =>
    {
        var literal = CreateNumberLiteral(random);
        input.Append(literal);

        var form = Canonicalize(JsonElement.Parse(literal));

        Assert.Equal(form, Canonicalize(JsonElement.Parse(form)));
        var (was, written) = (double.Parse(literal, CultureInfo.InvariantCulture), double.Parse(form, CultureInfo.InvariantCulture));
        Assert.True(was.Equals(written) || (was == 0 && written == 0), $"{form} has a different value.");
        var whole = ParseWholeNumber(literal);
        Assert.Equal(whole is not null, JsonNumber.TryParseInt64(Encoding.ASCII.GetBytes(literal), out var number));
        Assert.Equal(whole ?? 0, number);
    });

    // Like the API and the lifecycle: rejects duplicate members and invalid Unicode.
    private static JsonElement? Parse(byte[] json)
    {
        try
        {
            var value = JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            return JsonObjectReader.FindUnicodeError(value) is null ? value : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Canonicalize(JsonElement value)
    {
        var output = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(value, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string CreateNumberLiteral(Random random)
    {
        var sign = random.Next(2) == 0 ? "-" : "";
        var integer = random.Next(3) == 0 ? "0" : Digits(random.Next(1, 10)) + Digits(random.Next(10), zeros: true);
        var fraction = random.Next(2) == 0 ? "" : $".{Digits(random.Next(1, 25), zeros: true)}";
        string[] exponentSigns = ["", "+", "-"];
        var exponent = random.Next(2) == 0
            ? ""
            : $"{"eE"[random.Next(2)]}{exponentSigns[random.Next(3)]}{Digits(random.Next(1, 4), zeros: true)}";
        return $"{sign}{integer}{fraction}{exponent}";

        string Digits(int count, bool zeros = false) =>
            string.Concat(Enumerable.Range(0, count).Select(_ => zeros && random.Next(2) == 0 ? '0' : (char)('1' + random.Next(9))));
    }

    /// <summary>
    /// Computes the whole number of a literal with big integers; null if it is none or exceeds 64 bits.
    /// </summary>
    private static long? ParseWholeNumber(string literal)
    {
        var parts = literal.Split('e', 'E');
        var exponent = parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        var mantissa = parts[0].Split('.');
        var digits = BigInteger.Parse(string.Concat(mantissa), CultureInfo.InvariantCulture);
        exponent -= mantissa.Length > 1 ? mantissa[1].Length : 0;
        var unit = BigInteger.Pow(10, Math.Abs(exponent));
        var (value, remainder) = exponent >= 0 ? (digits * unit, BigInteger.Zero) : BigInteger.DivRem(digits, unit);
        return remainder.IsZero && value >= long.MinValue && value <= long.MaxValue ? (long)value : null;
    }
}
