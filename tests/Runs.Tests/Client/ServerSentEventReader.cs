using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Runs.Tests.Client;

/// <summary>Reads server-sent events, as the event source of a browser does.</summary>
public static class ServerSentEventReader
{
    /// <summary>Reads a stream until it ends, from its beginning or after the event <paramref name="after"/>.</summary>
    public static async IAsyncEnumerable<ServerSentEvent> ReadEvents(
        this HttpClient client, string path, string? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var response = await client.OpenStream(path, after, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        await foreach (var sent in reader.ReadEvents(cancellationToken))
        {
            yield return sent;
        }
    }

    /// <summary>Opens a stream and checks its status and content type.</summary>
    public static async Task<HttpResponseMessage> OpenStream(
        this HttpClient client, string path, string? after = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (after is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", after);
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return response;
    }

    /// <summary>Reads the rest of a stream.</summary>
    public static async IAsyncEnumerable<ServerSentEvent> ReadEvents(
        this StreamReader reader, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (id, type, data) = (0L, "", (string?)null);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            switch (line.Split(": ", 2))
            {
                case ["id", var value]:
                    id = long.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["event", var value]:
                    type = value;
                    break;
                case ["data", var value]:
                    data = data is null ? value : $"{data}\n{value}";
                    break;
                case [""] when data is not null:
                    yield return new ServerSentEvent(id, type, JsonElement.Parse(data));
                    data = null;
                    break;
            }
        }
    }

    /// <summary>Reads the next events, each of which must arrive within 30 seconds.</summary>
    public static async Task<List<ServerSentEvent>> ReadNext(this IAsyncEnumerator<ServerSentEvent> stream, int count)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var events = new List<ServerSentEvent>();
        while (events.Count < count)
        {
            Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Eventually.Timeout), "The stream ended.");
            events.Add(stream.Current);
        }

        return events;
    }
}
