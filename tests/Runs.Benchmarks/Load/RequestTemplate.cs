using System.Text;

namespace Runs.Benchmarks.Load;

/// <summary>
/// An HTTP request as bytes. Only the last digits of a run id differ from one request to the next, so a request costs a
/// few writes to memory.
/// </summary>
internal sealed class RequestTemplate
{
    /// <summary>Marks the place of the run number in a template: twelve characters.</summary>
    public const string NumberPlaceholder = "############";

    private readonly byte[] _bytes;
    private readonly List<int> _placeholderOffsets = [];

    private RequestTemplate(string text)
    {
        _bytes = Encoding.UTF8.GetBytes(text);
        var placeholder = Encoding.UTF8.GetBytes(NumberPlaceholder);
        for (var start = 0; _bytes.AsSpan(start).IndexOf(placeholder) is >= 0 and var offset; start += offset + placeholder.Length)
        {
            _placeholderOffsets.Add(start + offset);
        }
    }

    public static RequestTemplate Get(string path, string headers) =>
        new($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");

    public static RequestTemplate Post(string path, string headers, string json) => new(
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}"
        + $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");

    /// <summary>Creates a copy for one caller, which overwrites it with each request.</summary>
    public Func<long, ReadOnlyMemory<byte>> CreateRenderer()
    {
        var bytes = _bytes.ToArray();
        return number =>
        {
            foreach (var offset in _placeholderOffsets)
            {
                for (var (digit, rest) = (NumberPlaceholder.Length - 1, number); digit >= 0; digit--, rest >>= 4)
                {
                    bytes[offset + digit] = "0123456789abcdef"u8[(int)(rest & 15)];
                }
            }

            return bytes;
        };
    }
}
