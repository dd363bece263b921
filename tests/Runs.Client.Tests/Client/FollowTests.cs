using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Runs.Client.Tests;

/// <summary>How <see cref="RunsClient.Follow"/> continues after a connection was lost.</summary>
public sealed class FollowTests
{
    private const int Events = 50;

    [Fact]
    public async Task A_stream_that_breaks_continues_without_a_gap_or_a_repeat()
    {
        var received = new List<long>();
        await using var server = await StubServer.Start(async (http, count) =>
        {
            var last = ReadLastEventId(http);
            await Open(http);
            for (var id = last + 1; id <= Events; id++)
            {
                await http.Response.WriteAsync(Format(id));
                if (id % 7 == 0)
                {
                    await http.Response.WriteAsync($"id: {id + 1}\nevent: CUSTOM\ndata: {{\"cut"); // in the middle of an event
                    await http.Response.Body.FlushAsync();
                    await Eventually.Holds(() => Task.FromResult(received.Count == id)); // an abort discards what is not read
                    http.Abort();
                    return;
                }
            }
        });

        await ReadIds(server, received);

        Assert.Equal(Enumerable.Range(1, Events).Select(id => (long)id), received);
        Assert.Equal(8, server.Requests.Count);
    }

    [Fact]
    public async Task A_stream_that_begins_anew_repeats_nothing()
    {
        await using var server = await StubServer.Start(async (http, count) =>
        {
            await Open(http);
            for (var id = 1; id <= (count == 1 ? 10 : Events); id++)
            {
                await http.Response.WriteAsync(Format(id));
            }
        });

        Assert.Equal(Enumerable.Range(1, Events).Select(id => (long)id), await ReadIds(server));
    }

    [Fact]
    public async Task Comments_carriage_returns_and_lines_of_data_are_read()
    {
        await using var server = await StubServer.Start(async (http, count) =>
        {
            await Open(http);
            await http.Response.WriteAsync(": heartbeat\r\n\r\nid:1\r\nevent:CUSTOM\r\ndata:{\"a\":\r\ndata: 1}\r\nunknown\r\n\r\n");
            await http.Response.WriteAsync("id: 2\nevent: RUN_ERROR\ndata: {}\n\n");
        });

        var events = new List<RunEvent>();
        await foreach (var item in server.Client.Follow("run_1"))
        {
            events.Add(item);
        }

        Assert.Equal(
            [(1L, "CUSTOM", "{\"a\":\n1}"), (2L, "RUN_ERROR", "{}")],
            events.Select(e => (e.EventId, e.EventType, e.Payload.Text)));
    }

    [Fact]
    public async Task The_enumeration_ends_with_its_token_and_an_unknown_run_is_an_exception()
    {
        await using var server = await StubServer.Start(async (http, count) =>
        {
            if (count == 2)
            {
                await StubServer.Json(http, """{"code":"RUN_NOT_FOUND","detail":"No such run."}""", 404);
                return;
            }

            await Open(http);
            await http.Response.WriteAsync(Format(1));
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var cancelled = new CancellationTokenSource();

        await using var events = server.Client.Follow("run_1", 0, cancelled.Token).GetAsyncEnumerator(CancellationToken.None);
        Assert.True(await events.MoveNextAsync());
        var next = events.MoveNextAsync().AsTask();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        await Assert.ThrowsAsync<RunNotFoundException>(() => ReadIds(server));
    }

    private static string Format(long id) =>
        $"id: {id}\nevent: {(id == Events ? "RUN_FINISHED" : "CUSTOM")}\ndata: {{\"n\":{id}}}\n\n";

    private static long ReadLastEventId(HttpContext http) =>
        long.TryParse(http.Request.Headers["Last-Event-ID"], CultureInfo.InvariantCulture, out var id) ? id : 0;

    private static Task Open(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        return http.Response.Body.FlushAsync();
    }

    private static async Task<List<long>> ReadIds(StubServer server, List<long>? ids = null)
    {
        ids ??= [];
        await foreach (var item in server.Client.Follow("run_1"))
        {
            ids.Add(item.EventId);
        }

        return ids;
    }
}
