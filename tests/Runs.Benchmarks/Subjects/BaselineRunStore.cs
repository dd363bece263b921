using System.Buffers;
using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Benchmarks.Subjects;

/// <summary>
/// The smallest store of runs: one document for each run, inserted with the same write concern as in all subjects, and
/// serialized by hand.
/// </summary>
internal sealed class BaselineRunStore(string connectionString)
{
    /// <summary>The documents of the runs.</summary>
    public IMongoCollection<BsonDocument> Collection { get; } = OpenCollection(connectionString);

    /// <summary>
    /// Parses the body of a create, inserts the run, and returns the response. A duplicate returns the stored run.
    /// </summary>
    public async Task<byte[]> Create(ReadOnlyMemory<byte> body)
    {
        var run = ParseBody(body.Span);
        try
        {
            await Collection.InsertOneAsync(run);
            return SerializeResponse(run, isDuplicate: false);
        }
        catch (MongoWriteException exception) when (exception.WriteError.Category == ServerErrorCategory.DuplicateKey)
        {
            return SerializeResponse(await Load(run["_id"].AsString), isDuplicate: true);
        }
    }

    /// <summary>The run as JSON, or null.</summary>
    public async Task<byte[]?> Find(string id) => await Load(id) is { } run ? SerializeResponse(run, isDuplicate: false) : null;

    private static IMongoCollection<BsonDocument> OpenCollection(string connectionString)
    {
        var url = MongoUrl.Create(connectionString);
        return new MongoClient(url).GetDatabase(url.DatabaseName).GetCollection<BsonDocument>("runs")
            .WithWriteConcern(WriteConcern.WMajority.With(journal: true)).WithReadConcern(ReadConcern.Majority);
    }

    private Task<BsonDocument> Load(string id) => Collection.Find(new BsonDocument("_id", id)).FirstOrDefaultAsync();

    private static BsonDocument ParseBody(ReadOnlySpan<byte> body)
    {
        var run = new BsonDocument();
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueTextEquals("public_id"u8) ? "_id" : reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                run[name] = reader.GetString();
            }
            else
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                run[name] = System.Text.Encoding.UTF8.GetString(body[start..(int)reader.BytesConsumed]);
            }
        }

        run["status"] = "pending";
        run["last_event_id"] = 0L;
        run["created_at"] = new BsonDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        return run;
    }

    private static byte[] SerializeResponse(BsonDocument run, bool isDuplicate)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteBoolean("accepted"u8, true);
            json.WriteStartObject("run"u8);
            json.WriteString("run_id"u8, run["_id"].AsString);
            json.WriteString("kind"u8, run["kind"].AsString);
            json.WriteString("status"u8, run["status"].AsString);
            json.WritePropertyName("owner"u8);
            json.WriteRawValue(run["owner"].AsString, skipInputValidation: true);
            json.WritePropertyName("request"u8);
            json.WriteRawValue(run["request"].AsString, skipInputValidation: true);
            json.WriteString("created_at"u8, run["created_at"].ToUniversalTime());
            json.WriteEndObject();
            json.WriteBoolean("duplicate"u8, isDuplicate);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}
