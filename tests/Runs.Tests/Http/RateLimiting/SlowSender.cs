using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Runs.Tests.Http;

/// <summary>A client that announces a large body and sends a part of it.</summary>
internal sealed class SlowSender : IDisposable
{
    private readonly TcpClient _client = new();
    private StreamReader? _reader;

    /// <summary>Sends the head of a request and the beginning of its body, and then nothing.</summary>
    public static Task<SlowSender> Send(Uri server, string key, string path, int contentLength, int sentBytes) =>
        Send(server, key, path, contentLength, Encoding.ASCII.GetBytes("{" + new string(' ', sentBytes - 1)));

    /// <summary>Sends the head of a request and these bytes of its body, and then nothing.</summary>
    public static async Task<SlowSender> Send(
        Uri server, string key, string path, int contentLength, byte[] sentBytes, string contentEncoding = "identity")
    {
        var sender = new SlowSender();
        await sender._client.ConnectAsync(server.Host, server.Port);
        await sender.Write(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
            + $"Content-Encoding: {contentEncoding}\r\nContent-Length: {contentLength}\r\n\r\n");
        await sender.Write(sentBytes);
        return sender;
    }

    public Task Write(string text) => Write(Encoding.ASCII.GetBytes(text));

    public async Task Write(byte[] bytes) => await _client.GetStream().WriteAsync(bytes);

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
