using MongoDB.Bson;
using Runs.FaultInjection.Checking;

namespace Runs.FaultInjection.Storage;

/// <summary>A stored run.</summary>
/// <param name="Document">The document of the run.</param>
/// <param name="Log">The events of the run, from its document and from the event log.</param>
internal sealed record StoredRun(BsonDocument Document, IReadOnlyList<BsonDocument> Log)
{
    public string Id => Document["run_id"].AsString;

    public string Status => Document["status"].AsString;

    public string? Phase => Document.TryGetValue("phase", out var phase) ? phase.AsString : null;

    public string? ParentRunId => Document.TryGetValue("parent_run_id", out var parent) ? parent.AsString : null;

    /// <summary>The last attempts, in their order.</summary>
    public IReadOnlyList<StoredAttempt> Attempts => Document.TryGetValue("attempts", out var attempts)
        ? [.. attempts.AsBsonArray.Select(attempt => StoredAttempt.FromBson(attempt.AsBsonDocument))]
        : [];

    public bool IsFinished => StatusTransitions.IsFinal(Status);

    public DateTime? GetTime(string name) => Document.TryGetValue(name, out var time) ? time.ToUniversalTime() : null;

    public long GetNumber(string name) => Document.TryGetValue(name, out var number) ? number.ToInt64() : 0;
}
