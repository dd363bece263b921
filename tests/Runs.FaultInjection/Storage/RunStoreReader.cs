using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Driver;

namespace Runs.FaultInjection.Storage;

/// <summary>Reads the database directly, without the service and the proxies.</summary>
internal sealed class RunStoreReader : IDisposable
{
    private const int BatchSize = 500;

    private readonly MongoClient _client;
    private readonly IMongoCollection<BsonDocument> _runs;
    private readonly IMongoCollection<BsonDocument> _log;
    private readonly IMongoCollection<BsonDocument> _schedules;
    private readonly FilterDefinition<BsonDocument> _projectFilter;

    public RunStoreReader(string url, string project)
    {
        _client = new MongoClient(url);
        var database = _client.GetDatabase(MongoUrl.Create(url).DatabaseName ?? "runs");
        (_runs, _log) = (database.GetCollection<BsonDocument>("runs"), database.GetCollection<BsonDocument>("run_events"));
        _schedules = database.GetCollection<BsonDocument>("schedules");
        _projectFilter = Builders<BsonDocument>.Filter.Eq("project_id", project);
    }

    /// <summary>
    /// How many runs a worker still holds, how many have messages to publish, and how many hold events that belong to
    /// the event log. A lease that ends leads to messages and events, so leases are counted first.
    /// </summary>
    public async Task<(long Leases, long Outboxes, long RecentEvents)> CountPending()
    {
        return (await Count("lease_owner"), await Count("outbox.message_id"), await Count("embedded_events.event_id"));

        Task<long> Count(string field) =>
            _runs.CountDocumentsAsync(_projectFilter & Builders<BsonDocument>.Filter.Exists(field));
    }

    /// <summary>How many runs of a target have not ended.</summary>
    public Task<long> CountUnfinished(string target)
    {
        var filter = Builders<BsonDocument>.Filter;
        return _runs.CountDocumentsAsync(
            _projectFilter & filter.Eq("target", target) & filter.In("status", (string[])["pending", "running", "waiting"]));
    }

    /// <summary>The schedules of the test run.</summary>
    public async Task<IReadOnlyList<BsonDocument>> ReadSchedules() => await _schedules.Find(_projectFilter).ToListAsync();

    /// <summary>See <see cref="CorruptionSelfTest"/>.</summary>
    public Task Corrupt() => CorruptionSelfTest.Corrupt(_runs, _log);

    /// <summary>Reads the runs of the test run, and their logs.</summary>
    /// <param name="condition">Only the runs that it selects; null for all.</param>
    public async Task<IReadOnlyList<StoredRun>> ReadAll(BsonDocument? condition = null)
    {
        var projection = Builders<BsonDocument>.Projection.Exclude("request");
        var documents = await _runs.Find(_projectFilter & (condition ?? [])).Project(projection).ToListAsync();
        var runs = new List<StoredRun>(documents.Count);
        foreach (var chunk in documents.Chunk(BatchSize))
        {
            var ids = chunk.Select(run => run["run_id"].AsString).Distinct().ToList();
            var filter = Builders<BsonDocument>.Filter;
            var stored = await _log
                .Find(filter.Eq("tenant", chunk[0]["tenant"].AsString) & filter.In("run_id", ids))
                .ToListAsync();
            var logs = stored
                .SelectMany(
                    events => events["events"].AsBsonArray,
                    (events, logged) => (RunId: events["run_id"].AsString, Event: logged.AsBsonDocument))
                .ToLookup(logged => logged.RunId, logged => logged.Event);
            runs.AddRange(chunk.Select(run => new StoredRun(run, MergeLog(run, logs[run["run_id"].AsString]))));
        }

        return runs;
    }

    public void Dispose() => _client.Dispose();

    // An event can be in both places for a moment, and in two chunks that different processes have archived. Two
    // different events with one id are a violation, so they are kept.
    private static List<BsonDocument> MergeLog(BsonDocument run, IEnumerable<BsonDocument> stored)
    {
        var log = stored.Distinct().ToList();
        var known = log.Select(logged => logged["event_id"].ToInt64()).ToHashSet();
        if (run.TryGetValue("embedded_events", out var recent))
        {
            log.AddRange(recent.AsBsonArray
                .Select(logged => logged.AsBsonDocument)
                .Where(logged => !known.Contains(logged["event_id"].ToInt64())));
        }

        return [.. log.OrderBy(logged => logged["event_id"].ToInt64())];
    }

    /// <summary>The name of an event that a workload has appended; null for an event of the service.</summary>
    public static string? EventName(BsonDocument runEvent) =>
        runEvent.Contains("external_sequence")
        && BsonSerializer.Deserialize<BsonDocument>(runEvent["event"].AsString).TryGetValue("name", out var name) ? name.AsString : null;
}
