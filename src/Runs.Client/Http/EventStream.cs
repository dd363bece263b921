using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Runs.Contracts;

namespace Runs.Client.Http;

/// <summary>Reads the log of a run as server-sent events, over as many connections as it takes.</summary>
internal sealed class EventStream(ApiTransport transport, TimeProvider clock)
{
    // The server sends a comment after every 15 seconds without an event.
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(60);

    public async IAsyncEnumerable<RunEvent> Read(
        ApiRequest call, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = after;
        var failures = 0;
        while (true)
        {
            using var response = await transport.OpenStream(call, last, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                yield break; // the run has ended, and the caller has the whole log
            }

            await using var lines = new SseLineReader(await response.Content.ReadAsStreamAsync(cancellationToken), clock, MaxSilence);
            while (await ReadEvent(lines, cancellationToken) is { } item)
            {
                // A restored backup has fewer events: its stream begins anew.
                if (item.EventId <= last)
                {
                    continue;
                }

                last = item.EventId;
                failures = 0;
                yield return item;
                if (item.EventType is RunEventTypes.RunFinished or RunEventTypes.RunError)
                {
                    yield break;
                }
            }

            await Task.Delay(PollResilience.GetDelay(failures++), clock, cancellationToken);
        }
    }

    // Null when the connection is lost.
    private static async Task<RunEvent?> ReadEvent(SseLineReader lines, CancellationToken cancellationToken)
    {
        var (id, type, data) = (0L, "", (string?)null);
        try
        {
            while (await lines.Read(cancellationToken) is { } line)
            {
                if (line.Length == 0)
                {
                    if (data is not null)
                    {
                        return new RunEvent { EventId = id, EventType = type, Payload = new RawJson(Validate(data)) };
                    }

                    continue;
                }

                var (field, value) = Split(line);
                switch (field)
                {
                    case "id":
                        _ = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out id);
                        break;
                    case "event":
                        type = value;
                        break;
                    case "data":
                        data = data is null ? value : $"{data}\n{value}";
                        break;
                }
            }

            return null;
        }
        catch (Exception exception) when (
            exception is IOException or HttpRequestException or TimeoutException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static (string Field, string Value) Split(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return (line, "");
        }

        var value = line.AsSpan(colon + 1);
        return (line[..colon], (value.StartsWith(" ", StringComparison.Ordinal) ? value[1..] : value).ToString());
    }

    private static string Validate(string data)
    {
        try
        {
            using var document = JsonDocument.Parse(data, new JsonDocumentOptions { MaxDepth = ApiJson.Api.MaxDepth });
            return data;
        }
        catch (JsonException exception)
        {
            throw new RunsException("An event of the stream is not JSON.", exception);
        }
    }
}
