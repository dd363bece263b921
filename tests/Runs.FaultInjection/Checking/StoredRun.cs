using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Driver;

namespace Runs.FaultInjection.Checking;

/// <summary>A run as the database holds it, and its log from both of its places.</summary>
internal sealed record StoredRun(BsonDocument Document, IReadOnlyList<BsonDocument> Log)
{
    public string Id => Document["run_id"].AsString;

    public string Status => Document["status"].AsString;

    public string? ParentRunId => Document.TryGetValue("parent_run_id", out var parent) ? parent.AsString : null;

    public bool IsFinished => Status is "completed" or "failed" or "cancelled";

    public DateTime? GetTime(string name) => Document.TryGetValue(name, out var time) ? time.ToUniversalTime() : null;

    public long GetNumber(string name) => Document.TryGetValue(name, out var number) ? number.ToInt64() : 0;

    public int Count(string list) => Document.TryGetValue(list, out var items) ? items.AsBsonArray.Count : 0;
}
