using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Runs.Validation;

/// <summary>Interprets JSON number literals as significant digits and a power of ten.</summary>
internal static class JsonNumber
{
    private const int MaxExactDigits = 15; // every integer with at most 15 digits has a distinct double
    private const int MaxExponentDigits = 17;
    private const int StackBufferSize = 256;

    /// <summary>
    /// Parses a literal that is a whole number in the range of a long: <c>1</c>, <c>1.0</c>, <c>1e3</c>. Works on the
    /// digits, so nothing is rounded.
    /// </summary>
    public static bool TryParseInt64(ReadOnlySpan<byte> literal, out long value)
    {
        if (Utf8Parser.TryParse(literal, out value, out var read) && read == literal.Length)
        {
            return true;
        }

        value = 0;
        var buffer = literal.Length <= StackBufferSize ? stackalloc byte[StackBufferSize] : new byte[literal.Length];
        if (!TryDecompose(literal, buffer, out var count, out var exponent, out var negative))
        {
            return false;
        }

        if (count == 0)
        {
            return true; // zero in any spelling
        }

        if (exponent < 0 || count + exponent > 19)
        {
            return false;
        }

        UInt128 magnitude = 0;
        foreach (var digit in buffer[..count])
        {
            magnitude = (magnitude * 10) + (uint)(digit - '0');
        }

        for (; exponent > 0; exponent--)
        {
            magnitude *= 10;
        }

        if (magnitude > (negative ? (UInt128)long.MaxValue + 1 : (UInt128)long.MaxValue))
        {
            return false;
        }

        value = (long)(negative ? -(Int128)magnitude : (Int128)magnitude);
        return true;
    }

    /// <summary>
    /// Writes the number as ECMAScript does (RFC 8785, section 3.2.2.3): the shortest digits that give the same double.
    /// A number too large for a double keeps all its significant digits, in the same notation; with an exponent of more
    /// than 17 digits, the literal is written unchanged.
    /// </summary>
    public static void WriteCanonical(scoped ReadOnlySpan<byte> literal, IBufferWriter<byte> output)
    {
        if (literal.Length <= MaxExactDigits && literal[0] != '-' && literal.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
        {
            output.Write(literal);
            return;
        }

        Span<byte> shortest = stackalloc byte[32];
        var value = double.Parse(literal, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (double.IsFinite(value) && value.TryFormat(shortest, out var length, "R", CultureInfo.InvariantCulture))
        {
            literal = shortest[..length];
        }

        Span<byte> digits = literal.Length <= StackBufferSize ? stackalloc byte[StackBufferSize] : new byte[literal.Length];
        if (TryDecompose(literal, digits, out var count, out var exponent, out var negative))
        {
            WriteDigits(digits[..count], exponent, negative, output);
        }
        else
        {
            output.Write(literal);
        }
    }

    // ECMA-262, Number::toString, for digits * 10^exponent. Zero has no digits.
    private static void WriteDigits(ReadOnlySpan<byte> digits, long exponent, bool negative, IBufferWriter<byte> output)
    {
        if (digits.IsEmpty)
        {
            output.Write("0"u8);
            return;
        }

        if (negative)
        {
            output.Write("-"u8);
        }

        var point = digits.Length + exponent;
        if (point is > 0 and <= 21)
        {
            var whole = (int)Math.Min(point, digits.Length);
            output.Write(digits[..whole]);
            output.Write("00000000000000000000"u8[..((int)point - whole)]);
            WriteFraction(digits[whole..], output);
        }
        else if (point is > -6 and <= 0)
        {
            output.Write("0.00000"u8[..(2 - (int)point)]);
            output.Write(digits);
        }
        else
        {
            output.Write(digits[..1]);
            WriteFraction(digits[1..], output);
            output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"e{point - 1:+0;-0}")));
        }
    }

    private static void WriteFraction(ReadOnlySpan<byte> digits, IBufferWriter<byte> output)
    {
        if (!digits.IsEmpty)
        {
            output.Write("."u8);
            output.Write(digits);
        }
    }

    // Returns the significant digits, without zeros at either end, and the power of ten of the last digit. Returns
    // false when the exponent has too many digits to compute with.
    private static bool TryDecompose(ReadOnlySpan<byte> literal, Span<byte> digits, out int count, out long exponent, out bool negative)
    {
        negative = literal[0] == '-';
        var mantissa = literal[(negative ? 1 : 0)..];
        count = 0;
        exponent = 0;

        var e = mantissa.IndexOfAny((byte)'e', (byte)'E');
        if (e >= 0 && !TryParseExponent(mantissa[(e + 1)..], out exponent))
        {
            return false;
        }

        mantissa = e < 0 ? mantissa : mantissa[..e];
        var pointSeen = false;
        foreach (var character in mantissa)
        {
            if (character == '.')
            {
                pointSeen = true;
                continue;
            }

            exponent -= pointSeen ? 1 : 0;
            if (count > 0 || character != '0')
            {
                digits[count++] = character;
            }
        }

        for (; count > 0 && digits[count - 1] == '0'; count--)
        {
            exponent++;
        }

        return true;
    }

    private static bool TryParseExponent(ReadOnlySpan<byte> text, out long exponent)
    {
        var negative = text[0] == '-';
        var digits = text.TrimStart("+-0"u8);
        exponent = 0;
        if (digits.Length > MaxExponentDigits)
        {
            return false;
        }

        foreach (var digit in digits)
        {
            exponent = (exponent * 10) + (digit - '0');
        }

        exponent = negative ? -exponent : exponent;
        return true;
    }
}
