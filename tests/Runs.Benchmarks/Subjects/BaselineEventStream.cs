using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Benchmarks.Subjects;

/// <summary>
/// The smallest stream of one run's log as server-sent events: one find for the stored events, then what this process
/// appends. There is only one process, no heartbeat, no limit.
/// </summary>
internal sealed class BaselineEventStream(IMongoCollection<BsonDocument> runs)
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<Channel<Appended>, bool>> _subscribers = [];

    /// <summary>Sends appended events to the open streams of their run.</summary>
    public void Notify(string runId, long firstEventId, IReadOnlyList<string> events)
    {
        if (_subscribers.TryGetValue(runId, out var channels))
        {
            foreach (var channel in channels.Keys)
            {
                channel.Writer.TryWrite(new Appended(firstEventId, events));
            }
        }
    }

    /// <summary>Marks a run as completed; its streams that are opened later end.</summary>
    public async Task<byte[]?> Complete(string runId)
    {
        var completed = new BsonDocument("$set", new BsonDocument("status", "completed"));
        var result = await runs.UpdateOneAsync(new BsonDocument("_id", runId), completed);
        return result.MatchedCount == 0 ? null : "{}"u8.ToArray();
    }

    public async Task Write(HttpContext http, string runId)
    {
        http.Response.ContentType = "text/event-stream";
        var channel = Channel.CreateUnbounded<Appended>();
        var channels = _subscribers.GetOrAdd(runId, _ => []);
        channels.TryAdd(channel, true);
        try
        {
            var run = await runs.Find(new BsonDocument("_id", runId)).FirstOrDefaultAsync(http.RequestAborted);
            await http.Response.StartAsync();
            await WriteStored(http, run);
            if (run["status"] == "completed")
            {
                return;
            }

            var last = run["last_event_id"].AsInt64;
            await foreach (var appended in channel.Reader.ReadAllAsync(http.RequestAborted))
            {
                foreach (var (index, text) in appended.Events.Index().Where(item => appended.FirstEventId + item.Index > last))
                {
                    WriteEvent(http, appended.FirstEventId + index, text);
                }

                await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The reader has left.
        }
        finally
        {
            channels.TryRemove(channel, out _);
        }
    }

    private static async Task WriteStored(HttpContext http, BsonDocument run)
    {
        if (run.TryGetValue("events", out var events))
        {
            foreach (var item in events.AsBsonArray)
            {
                WriteEvent(http, item["event_id"].ToInt64(), item["event"].AsString);
            }
        }

        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static void WriteEvent(HttpContext http, long id, string text) =>
        Encoding.UTF8.GetBytes($"id: {id}\ndata: {text}\n\n", http.Response.BodyWriter);

    private sealed record Appended(long FirstEventId, IReadOnlyList<string> Events);
}
