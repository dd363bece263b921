using System.Buffers;
using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Benchmarks.Subjects;

/// <summary>
/// The smallest list of runs: one find of a page through an index, of the documents that a Runs server has stored. All
/// members are written as they are stored.
/// </summary>
internal sealed class BaselineRunList(IMongoCollection<BsonDocument> runs)
{
    private static readonly BsonDocument NewestFirst = new() { ["created_at"] = -1, ["_id"] = -1 };

    public async Task<byte[]> ReadFirstPage(string project, int limit)
    {
        // The index contains only documents with the member; some query planners need the condition to select it.
        var condition = new BsonDocument { ["$eq"] = project, ["$exists"] = true };
        var filter = new BsonDocument { ["tenant"] = BenchmarkSubject.Tenant, ["project_id"] = condition };
        var page = await runs.Find(filter).Sort(NewestFirst).Limit(limit).ToListAsync();
        var bytes = new ArrayBufferWriter<byte>(16 * 1024);
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("data"u8);
            foreach (var run in page)
            {
                WriteValue(json, run);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteValue(Utf8JsonWriter json, BsonValue value)
    {
        switch (value)
        {
            case BsonDocument document:
                json.WriteStartObject();
                foreach (var member in document)
                {
                    json.WritePropertyName(member.Name);
                    WriteValue(json, member.Value);
                }

                json.WriteEndObject();
                break;
            case BsonArray array:
                json.WriteStartArray();
                foreach (var item in array)
                {
                    WriteValue(json, item);
                }

                json.WriteEndArray();
                break;
            case BsonString text:
                json.WriteStringValue(text.Value);
                break;
            case BsonDateTime time:
                json.WriteStringValue(time.ToUniversalTime());
                break;
            case BsonInt32 or BsonInt64:
                json.WriteNumberValue(value.ToInt64());
                break;
            case BsonBoolean boolean:
                json.WriteBooleanValue(boolean.Value);
                break;
            case BsonBinaryData id:
                json.WriteStringValue(id.ToGuid());
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }
}
