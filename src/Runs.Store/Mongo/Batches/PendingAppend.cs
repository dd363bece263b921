using MongoDB.Bson;

namespace Runs.Store.Mongo;

/// <summary>An append that waits for its batch.</summary>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="Token">Identifies this append in the stored run: <see cref="Run.LatestAppendToken"/>.</param>
/// <param name="Filter">Matches the run while it and its log are unchanged.</param>
/// <param name="Update">Adds the events to the run's document.</param>
internal sealed record PendingAppend(Guid Id, Guid Token, BsonDocument Filter, BsonDocument Update);
