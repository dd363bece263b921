using System.Buffers;
using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Benchmarks.Subjects;

/// <summary>
/// The smallest claims: a run that is pending is ready. A claim is one find of the run and one replace on the condition
/// that its version is the one that was read.
/// </summary>
/// <param name="runs">The runs of <see cref="BaselineRunStore"/>.</param>
internal sealed class BaselineClaimStore(IMongoCollection<BsonDocument> runs)
{
    private const string Version = "version";

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);
    private static readonly BsonDocument IsReady = new("status", "pending");
    private static readonly BsonDocument InOrder = new() { ["created_at"] = 1, ["_id"] = 1 };

    // Candidates are a hint: the primary need not wait for a majority.
    private readonly IMongoCollection<BsonDocument> _localRuns = runs.WithReadConcern(ReadConcern.Local);

    /// <summary>Creates the index of the ready runs, which has no others.</summary>
    public Task CreateIndex() => runs.Indexes.CreateOneAsync(new CreateIndexModel<BsonDocument>(
        InOrder,
        new CreateIndexOptions<BsonDocument> { Name = "ready", PartialFilterExpression = IsReady }));

    /// <summary>The ids of the runs that are ready, oldest first.</summary>
    public async Task<List<string>> ListReady(int limit)
    {
        var found = await _localRuns
            .Find(IsReady, new FindOptions { BatchSize = limit + 1 })
            .Sort(InOrder)
            .Limit(limit)
            .Project(new BsonDocument("_id", 1))
            .ToListAsync();
        return found.ConvertAll(run => run["_id"].AsString);
    }

    /// <summary>Claims a run and returns it as JSON; null when it is not ready.</summary>
    public async Task<byte[]?> Claim(string runId)
    {
        var run = await runs.Find(new BsonDocument("_id", runId)).FirstOrDefaultAsync();
        if (run is null || run["status"] != "pending")
        {
            return null;
        }

        var condition = new BsonDocument { ["_id"] = runId, [Version] = run.GetValue(Version, BsonNull.Value) };
        run[Version] = run.GetValue(Version, 0).ToInt32() + 1;
        run["status"] = "running";
        run["attempt"] = 1;
        run["lease_expires_at"] = new BsonDateTime(TimeProvider.System.GetUtcNow().UtcDateTime + Lease);
        var result = await runs.ReplaceOneAsync(condition, run);
        return result.MatchedCount == 1 ? SerializeResponse(run) : null;
    }

    private static byte[] SerializeResponse(BsonDocument run)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteStartObject("run"u8);
            json.WriteString("run_id"u8, run["_id"].AsString);
            json.WriteString("kind"u8, run["kind"].AsString);
            json.WriteString("status"u8, run["status"].AsString);
            json.WriteNumber("attempt"u8, run["attempt"].AsInt32);
            json.WriteString("lease_expires_at"u8, run["lease_expires_at"].ToUniversalTime());
            json.WritePropertyName("owner"u8);
            json.WriteRawValue(run["owner"].AsString, skipInputValidation: true);
            json.WritePropertyName("request"u8);
            json.WriteRawValue(run["request"].AsString, skipInputValidation: true);
            json.WriteString("created_at"u8, run["created_at"].ToUniversalTime());
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}
