using System.Text;
using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Benchmarks.Subjects;

/// <summary>
/// The smallest event log: events are embedded in the document of their run and are never moved. An append finds the
/// end of the log and updates the document on the condition that it is still the end. No validation, no duplicate
/// detection.
/// </summary>
internal sealed class BaselineEventLog(IMongoCollection<BsonDocument> runs, BaselineEventStream stream)
{
    private const string LastEventId = "last_event_id";

    private static readonly ProjectionDefinition<BsonDocument> Head = new BsonDocument
    {
        [LastEventId] = 1,
        ["status"] = 1,
    };

    /// <summary>Appends the events of a request.</summary>
    /// <returns>The response; null if there is no such run.</returns>
    public async Task<byte[]?> Append(string runId, ReadOnlyMemory<byte> body)
    {
        var events = ParseEvents(body.Span);
        while (await runs.Find(new BsonDocument("_id", runId)).Project(Head).FirstOrDefaultAsync() is { } head)
        {
            var last = head[LastEventId].AsInt64;
            var result = await runs.UpdateOneAsync(
                new BsonDocument { ["_id"] = runId, [LastEventId] = last },
                CreateUpdate(events, last));
            if (result.ModifiedCount == 1)
            {
                stream.Notify(runId, last + 1, events);
                return Encoding.ASCII.GetBytes($$"""{"latest_event_id":{{last + events.Count}},"appended_count":{{events.Count}}}""");
            }
        }

        return null;
    }

    private static BsonDocument CreateUpdate(List<string> events, long last)
    {
        var documents = new BsonArray(events.Select(
            (text, index) => new BsonDocument { ["event_id"] = last + index + 1, ["event"] = text }));
        return new BsonDocument
        {
            ["$push"] = new BsonDocument("events", new BsonDocument("$each", documents)),
            ["$set"] = new BsonDocument(LastEventId, last + events.Count),
        };
    }

    // {"events":[{…},…]}: each event is stored as text.
    private static List<string> ParseEvents(ReadOnlySpan<byte> body)
    {
        var events = new List<string>();
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartObject && reader.CurrentDepth == 2)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                events.Add(Encoding.UTF8.GetString(body[start..(int)reader.BytesConsumed]));
            }
        }

        return events;
    }
}
