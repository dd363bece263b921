using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Runs.Tests.Fuzz;

/// <summary>
/// Bytes that no HTTP client would send. The web server rejects invalid HTTP without a body; the API responds to all
/// other requests.
/// </summary>
public sealed class RawHttpFuzzTests(FuzzApplication application) : IClassFixture<FuzzApplication>
{
    // A server that sends nothing for so long waits for more of the request, or for the end of the run.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(20);

    private static readonly string[] OddParts =
    [
        "%00", "%2F", "%2f..%2f", "%5C", "%C0%AF", "%C0%80", "%E0%80%80", "%ED%A0%80", "%F4%90%80%80", "%FF%FE", "%", "%%", "%1",
        "%zz", "%u0041", "..", "../..", "./", "//", "\\", ";a=b", "?", "#", "*", "\u0000", "\u0007", "\u007f", "\u00ff",
        "\u00c3\u00a9", " ", "\t", "\r", "\n", "\r\n", "\r\n\r\n", "\r\n ", ":", "http://other.example/",
        "Host: other.example\r\n", "Content-Length: 5\r\n", "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: x\r\n",
        "Expect: 100-continue\r\n", "Upgrade: websocket\r\nConnection: Upgrade\r\n", "Content-Encoding: gzip\r\n",
        "Connection: close\r\n", "Authorization: Bearer vf_dev_secret\r\n", "X: \u00ff\u00fe\r\n", "X\u0000: 1\r\n", ": x\r\n",
        "ffffffffffffffff\r\n", "5;x=\"\r\n", "0\r\n\r\n", "HTTP/1.0", "HTTP/2.0", "HTTP/9.9",
    ];

    [Fact]
    public async Task Random_bytes_get_a_valid_response_or_a_closed_connection()
    {
        await FuzzRunner.Run(100, async (random, input) =>
        {
            var sent = MutateRequest(CreateRequest(new Mutator(random)), random);
            input.Append(FuzzRunner.ToLiteral(sent));

            foreach (var (status, head, body) in await SendAndReceive(sent))
            {
                input.Append(CultureInfo.InvariantCulture, $"\n-> {status} {head} {body}");
                AssertValidResponse(status, head, body);
            }

            application.AssertNoErrorLogged();
        });

        await application.Client.Create(TestRequests.TaskBody());
    }

    [Theory]
    [InlineData("ffffffffff")] // too large for the server's type
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("")]
    public async Task An_invalid_chunk_size_is_a_bad_request(string size)
    {
        var request = "POST /runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer vf_dev_secret\r\nContent-Type: application/json\r\n"
            + $"Transfer-Encoding: chunked\r\n\r\n{size}\r\n";

        var (status, head, body) = Assert.Single(await SendAndReceive(Encoding.ASCII.GetBytes(request)));

        Assert.Equal(400, status);
        AssertValidResponse(status, head, body);
        application.AssertNoErrorLogged();
    }

    private static void AssertValidResponse(int status, string head, string body)
    {
        Assert.True(status is >= 100 and < 500 or 505, $"{status}"); // 505 for an unsupported HTTP version
        if (body.Length == 0)
        {
            Assert.True(status is < 300 or 304 or 400 or 405 or 408 or 411 or 413 or 414 or 431 or 505, $"{status}");
            return;
        }

        if (status >= 400)
        {
            Assert.Contains("application/problem+json", head, StringComparison.Ordinal);
            new ApiResponse(status, JsonElement.Parse(body), new() { ["Content-Type"] = "application/problem+json" }).AssertProblem(status);
        }
    }

    private static string CreateRequest(Mutator mutator)
    {
        var body = mutator.OneOf([.. ValidBodies.Creates(TestRequests.NewId())]);
        var length = Encoding.UTF8.GetByteCount(body);
        var (line, framing, content) = mutator.OneOf(0, 1, 2, 3, 4) switch
        {
            0 => ("POST /runs", $"Content-Type: application/json\r\nContent-Length: {length}\r\n", body),
            1 => ("POST /runs", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n", $"{length:x}\r\n{body}\r\n0\r\n\r\n"),
            2 => ($"GET /projects/{RunsApplication.Project}/runs?limit=2&cursor=AAABmQAAAAAAAAAAAACAAIAAAAAAAAAA", "", ""),
            3 => ("GET /runs/run_1/events?after_event_id=1", "Accept: application/json\r\n", ""),
            _ => ("POST /runs/run_1/cancel", "Content-Length: 0\r\n", ""),
        };
        return $"{line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer vf_dev_secret\r\n{framing}\r\n{content}";
    }

    private static byte[] MutateRequest(string request, Random random)
    {
        var mutation = new Mutator(random);
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            // Mostly in the first line and the headers.
            var at = random.Next(mutation.Chance(4) ? request.Length + 1 : Math.Min(request.Length, 200));
            request = random.Next(4) switch
            {
                0 => Encoding.Latin1.GetString(mutation.MutateBytes(Encoding.Latin1.GetBytes(request))),
                1 when mutation.Chance(10) => request.Insert(
                    Math.Min(at, request.Length),
                    new string(mutation.OneOf('a', '/', '%', '\u00ff'), mutation.OneOf(4000, 8192, 33_000, 70_000))),
                _ => request.Insert(Math.Min(at, request.Length), mutation.OneOf(OddParts)),
            };
        }

        return Encoding.Latin1.GetBytes(request);
    }

    /// <summary>
    /// Sends, reads until the server is silent, closes the connection, and expects the server to close it, too.
    /// </summary>
    private async Task<List<(int Status, string Head, string Body)>> SendAndReceive(byte[] sent)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", application.Client.BaseAddress!.Port);
        var received = new MemoryStream();
        try
        {
            await socket.SendAsync(sent);
            if (!await ReadUntilClosed(socket, received, ReadTimeout, IsCompleteResponse))
            {
                socket.Shutdown(SocketShutdown.Send);
                Assert.True(await ReadUntilClosed(socket, received, CloseTimeout, _ => false), "The server did not close the connection.");
            }
        }
        catch (SocketException)
        {
            // The server has already closed the connection.
        }

        return [.. ParseResponses(Encoding.UTF8.GetString(received.ToArray()))];
    }

    /// <summary>
    /// Reads until the server closes the connection. Returns false if it is silent before, or if enough is received.
    /// </summary>
    private static async Task<bool> ReadUntilClosed(
        Socket socket, MemoryStream received, TimeSpan timeout, Func<MemoryStream, bool> isEnough)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            using var silence = new CancellationTokenSource(timeout);
            try
            {
                var count = await socket.ReceiveAsync(buffer, silence.Token);
                if (count == 0)
                {
                    return true;
                }

                received.Write(buffer, 0, count);
                if (isEnough(received))
                {
                    return false;
                }
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    // Most connections get one complete response; waiting for another one would take most of the time.
    private static bool IsCompleteResponse(MemoryStream received)
    {
        var text = Encoding.UTF8.GetString(received.GetBuffer(), 0, (int)received.Length);
        return text.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal)
            || text.EndsWith("Content-Length: 0\r\n\r\n", StringComparison.Ordinal);
    }

    private static IEnumerable<(int Status, string Head, string Body)> ParseResponses(string text)
    {
        for (var end = 0; (end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal)) >= 0;)
        {
            var (head, rest) = (text[..end], text[(end + 4)..]);
            var status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
            var body = new StringBuilder();
            if (head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
            {
                while (rest.IndexOf("\r\n", StringComparison.Ordinal) is var line and > 0
                    && int.TryParse(rest[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var size))
                {
                    size = Math.Min(size, rest.Length - line - 2); // in characters: the responses are ASCII, or truncated
                    body.Append(rest, line + 2, size);
                    rest = rest[Math.Min(rest.Length, line + 2 + size + 2)..];
                }
            }
            else if (status >= 200 && !head.Contains("Content-Length: 0", StringComparison.OrdinalIgnoreCase))
            {
                body.Append(rest); // up to the end of the connection, as in HTTP/1.0
                rest = "";
            }

            text = rest;
            yield return (status, head, body.ToString());
        }
    }
}
