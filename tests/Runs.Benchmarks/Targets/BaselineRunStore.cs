using System.Buffers;
using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Benchmarks.Targets;

/// <summary>The least that can be called a store of runs: one document for each, inserted with the same concern as everywhere, and shown as JSON written by hand.</summary>
internal sealed class BaselineRunStore(string connectionString)
{
    private readonly IMongoCollection<BsonDocument> _runs = OpenCollection(connectionString);

    /// <summary>Reads a create's body, inserts the run, and returns the answer. Whoever asks twice gets what is there.</summary>
    public async Task<byte[]> Create(ReadOnlyMemory<byte> body)
    {
        var run = ParseBody(body.Span);
        try
        {
            await _runs.InsertOneAsync(run);
            return SerializeResponse(run, duplicate: false);
        }
        catch (MongoWriteException taken) when (taken.WriteError.Category == ServerErrorCategory.DuplicateKey)
        {
            return SerializeResponse(await Load(run["_id"].AsString), duplicate: true);
        }
    }

    /// <summary>The run as JSON, or null.</summary>
    public async Task<byte[]?> Find(string id) => await Load(id) is { } run ? SerializeResponse(run, duplicate: false) : null;

    private static IMongoCollection<BsonDocument> OpenCollection(string connectionString)
    {
        var url = MongoUrl.Create(connectionString);
        return new MongoClient(url).GetDatabase(url.DatabaseName).GetCollection<BsonDocument>("runs")
            .WithWriteConcern(WriteConcern.WMajority.With(journal: true)).WithReadConcern(ReadConcern.Majority);
    }

    private Task<BsonDocument> Load(string id) => _runs.Find(new BsonDocument("_id", id)).FirstOrDefaultAsync();

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
        run["created_at"] = new BsonDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        return run;
    }

    private static byte[] SerializeResponse(BsonDocument run, bool duplicate)
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
            json.WriteBoolean("duplicate"u8, duplicate);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}
