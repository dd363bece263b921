using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>Filters that several classes use.</summary>
internal static class MongoFilters
{
    /// <summary>Matches the run with this id.</summary>
    /// <remarks>A document instead of an expression, which the driver would translate again in every call.</remarks>
    public static BsonDocument ById(Guid id) => new("_id", new BsonBinaryData(id, GuidRepresentation.Standard));

    /// <summary>Matches the run with this id while it and its log have this version.</summary>
    public static BsonDocument ById(Guid id, RunVersion expected) => new()
    {
        { "_id", new BsonBinaryData(id, GuidRepresentation.Standard) },
        { "version", expected.Version },
        { "latest_event_id", expected.LatestEventId },
    };

    /// <summary>Matches the run with this id while its version is this one. Its log may have changed.</summary>
    public static BsonDocument ByVersion(Guid id, long version) => new()
    {
        { "_id", new BsonBinaryData(id, GuidRepresentation.Standard) },
        { "version", version },
    };

    /// <summary>Adds that <see cref="Run.Renewals"/> is unchanged. Null matches a missing field.</summary>
    public static BsonDocument WithRenewals(this BsonDocument filter, Run run) =>
        filter.Add("renewals", BsonValue.Create(run.Renewals));

    /// <summary>Matches the runs with these ids.</summary>
    public static FilterDefinition<Run> ByIds(IEnumerable<Guid> ids) => Builders<Run>.Filter.In(run => run.Id, ids);
}
