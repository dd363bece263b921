using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Runs.Tests;

/// <summary>Reads server-sent events as a browser does.</summary>
public static class ServerSentEventReader
{
    /// <summary>The events of a stream until it ends, after the event <paramref name="after"/> where that is given.</summary>
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

    /// <summary>Opens a stream and expects it to be one.</summary>
    public static async Task<HttpResponseMessage> OpenStream(this HttpClient client, string path, string? after = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/event-stream") } } };
        if (after is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", after);
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return response;
    }

    /// <summary>The events that are left in a stream.</summary>
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
}

/// <summary>An event as a stream sent it.</summary>
public sealed record ServerSentEvent(long Id, string Type, JsonElement Data);
