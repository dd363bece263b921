using System.Text.Json;
using System.Text.Json.Serialization;
using MongoDB.Bson;

namespace Runs.Store;

/// <summary>
/// A stored document, or a part of one, that is read and written as a whole. Members that this release does not know
/// are kept and written back as they were read: while processes of two releases run side by side, the older ones must
/// not erase what the later ones have stored.
/// </summary>
public abstract record StoredRecord
{
    /// <summary>The members that this release does not know, in MongoDB; null if there are none.</summary>
    [JsonIgnore]
    internal BsonDocument? UnknownElements { get; init; }

    /// <summary>The members that this release does not know, in SQLite; null if there are none.</summary>
    [JsonInclude, JsonExtensionData]
    internal Dictionary<string, JsonElement>? UnknownMembers { get; init; }
}
