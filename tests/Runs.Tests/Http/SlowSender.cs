using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Runs.Tests.Http;

/// <summary>A client that announces a large body and sends a part of it.</summary>
internal sealed class SlowSender : IDisposable
{
    private readonly TcpClient _client = new();
    private StreamReader? _reader;

    /// <summary>Sends the headers of a request and the beginning of its body.</summary>
    public static async Task<SlowSender> Send(Uri server, string key, string path, int contentLength, int sentBytes)
    {
        var sender = new SlowSender();
        await sender._client.ConnectAsync(server.Host, server.Port);
        await sender.Write($"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n");
        await sender.Write($"Content-Type: application/json\r\nContent-Length: {contentLength}\r\n\r\n");
        await sender.Write("{" + new string(' ', sentBytes - 1));
        return sender;
    }

    public async Task Write(string text) => await _client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>Reads the status of the next response.</summary>
    public async Task<int> ReadStatus()
    {
        const string Version = "HTTP/1.1 ";
        _reader ??= new StreamReader(_client.GetStream());
        while (true)
        {
            var line = await _reader.ReadLineAsync() ?? throw new IOException("The server has closed the connection.");
            if (line.IndexOf(Version, StringComparison.Ordinal) is var start and >= 0) // after the body of the previous response
            {
                return int.Parse(line.AsSpan(start + Version.Length, 3), CultureInfo.InvariantCulture);
            }
        }
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _client.Dispose();
    }
}
