using System.Text;

namespace Runs.Benchmarks.Load;

/// <summary>An HTTP request as bytes, in which only the last digits of a run's id differ from one sending to the next: to make one costs a few stores.</summary>
internal sealed class RequestTemplate
{
    /// <summary>Where the number stands in a template: twelve characters.</summary>
    public const string NumberPlaceholder = "############";

    private readonly byte[] _bytes;
    private readonly List<int> _placeholderOffsets = [];

    private RequestTemplate(string text)
    {
        _bytes = Encoding.UTF8.GetBytes(text);
        for (var at = 0; (at = _bytes.AsSpan(at).IndexOf(Encoding.UTF8.GetBytes(NumberPlaceholder)) is var found && found >= 0 ? at + found : -1) >= 0; at += NumberPlaceholder.Length)
        {
            _placeholderOffsets.Add(at);
        }
    }

    public static RequestTemplate Get(string path, string headers) => new($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");

    public static RequestTemplate Post(string path, string headers, string json) => new(
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");

    /// <summary>A copy for one caller, who overwrites it from one request to the next.</summary>
    public Func<long, ReadOnlyMemory<byte>> CreateRenderer()
    {
        var bytes = _bytes.ToArray();
        return number =>
        {
            foreach (var mark in _placeholderOffsets)
            {
                for (var (digit, rest) = (NumberPlaceholder.Length - 1, number); digit >= 0; digit--, rest >>= 4)
                {
                    bytes[mark + digit] = "0123456789abcdef"u8[(int)(rest & 15)];
                }
            }

            return bytes;
        };
    }
}
