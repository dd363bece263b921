using System.Text;

namespace Runs.Benchmarks.Load;

/// <summary>
/// An HTTP request as bytes. Only the digits of numbers differ from one request to the next, so a request costs a few
/// writes to memory.
/// </summary>
internal sealed class RequestTemplate
{
    /// <summary>Marks the place of the run number in a template: twelve hexadecimal digits.</summary>
    public const string NumberPlaceholder = "############";

    /// <summary>Marks the place of the time at which the request was due: sixteen hexadecimal digits.</summary>
    public const string TimestampPlaceholder = "@@@@@@@@@@@@@@@@";

    private readonly byte[] _bytes;
    private readonly List<int> _numberOffsets;
    private readonly List<int> _timestampOffsets;

    private RequestTemplate(string text)
    {
        _bytes = Encoding.UTF8.GetBytes(text);
        _numberOffsets = FindOffsets(NumberPlaceholder);
        _timestampOffsets = FindOffsets(TimestampPlaceholder);
    }

    public static RequestTemplate Get(string path, string headers) =>
        new($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");

    public static RequestTemplate Post(string path, string headers, string json) => new(
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}"
        + $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");

    /// <summary>Creates a copy for one caller.</summary>
    public Renderer CreateRenderer() => new(this);

    private List<int> FindOffsets(string placeholder)
    {
        var offsets = new List<int>();
        var bytes = Encoding.UTF8.GetBytes(placeholder);
        for (var start = 0; _bytes.AsSpan(start).IndexOf(bytes) is >= 0 and var offset; start += offset + bytes.Length)
        {
            offsets.Add(start + offset);
        }

        return offsets;
    }

    /// <summary>The copy of one caller, which it overwrites with each request.</summary>
    public sealed class Renderer(RequestTemplate template)
    {
        private readonly byte[] _bytes = template._bytes.ToArray();

        /// <summary>Writes the numbers into the request.</summary>
        /// <param name="runNumber">The run number.</param>
        /// <param name="timestamp">The time at which the request was due, from <c>Stopwatch</c>.</param>
        public ReadOnlyMemory<byte> Render(long runNumber, long timestamp = 0)
        {
            WriteDigits(template._numberOffsets, NumberPlaceholder.Length, runNumber);
            WriteDigits(template._timestampOffsets, TimestampPlaceholder.Length, timestamp);
            return _bytes;
        }

        private void WriteDigits(List<int> offsets, int length, long number)
        {
            foreach (var offset in offsets)
            {
                for (var (digit, rest) = (length - 1, number); digit >= 0; digit--, rest >>= 4)
                {
                    _bytes[offset + digit] = "0123456789abcdef"u8[(int)(rest & 15)];
                }
            }
        }
    }
}
