using MongoDB.Bson;

namespace Runs.Tests.ScriptedMongo;

/// <summary>
/// Stores documents by <c>_id</c> and supports the commands that write and find a run. Recognizes a retried write by
/// its session and transaction number.
/// </summary>
internal sealed class ScriptedDatabase
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<BsonValue, BsonDocument>> _collections = [];
    private readonly Dictionary<(BsonValue Session, long Number), BsonDocument> _retryable = [];

    public static BsonDocument CursorResponse(IEnumerable<BsonDocument> documents) => new()
    {
        { "cursor", new BsonDocument { { "firstBatch", new BsonArray(documents) }, { "id", 0L }, { "ns", "runs.any" } } }, { "ok", 1 },
    };

    public BsonDocument Execute(BsonDocument command)
    {
        lock (_lock)
        {
            if (!command.TryGetValue("txnNumber", out var number))
            {
                return ExecuteOnce(command);
            }

            var key = (command["lsid"], number.ToInt64());
            return _retryable.TryGetValue(key, out var answer) ? answer : _retryable[key] = ExecuteOnce(command);
        }
    }

    private BsonDocument ExecuteOnce(BsonDocument command) => command.GetElement(0).Name switch
    {
        "insert" => Insert(Collection(command), command["documents"].AsBsonArray.Select(document => document.AsBsonDocument)),
        "update" => Update(Collection(command), command["updates"].AsBsonArray.Select(update => update.AsBsonDocument)),
        "find" => CursorResponse(FindMatching(Collection(command), command.GetValue("filter", new BsonDocument()).AsBsonDocument)),
        _ => new BsonDocument("ok", 1),
    };

    private Dictionary<BsonValue, BsonDocument> Collection(BsonDocument command)
    {
        var name = command[0].AsString;
        return _collections.TryGetValue(name, out var collection) ? collection : _collections[name] = [];
    }

    private static BsonDocument Insert(Dictionary<BsonValue, BsonDocument> collection, IEnumerable<BsonDocument> documents)
    {
        var (inserted, errors) = (0, new BsonArray());
        foreach (var (index, document) in documents.Index())
        {
            if (collection.TryAdd(document["_id"], document))
            {
                inserted++;
            }
            else
            {
                errors.Add(new BsonDocument { { "index", index }, { "code", 11000 }, { "errmsg", "E11000 duplicate key error" } });
            }
        }

        var answer = new BsonDocument { { "n", inserted }, { "ok", 1 } };
        return errors.Count == 0 ? answer : answer.Add("writeErrors", errors);
    }

    private static BsonDocument Update(Dictionary<BsonValue, BsonDocument> collection, IEnumerable<BsonDocument> updates)
    {
        var matched = 0;
        foreach (var update in updates)
        {
            foreach (var document in FindMatching(collection, update["q"].AsBsonDocument).ToList())
            {
                matched++;
                collection[document["_id"]] = Apply(document, update["u"].AsBsonDocument);
            }
        }

        return new BsonDocument { { "n", matched }, { "nModified", matched }, { "ok", 1 } };
    }

    // Supports replacements, appends, the updates of workers, and the pulls that clear outboxes and archive events.
    private static BsonDocument Apply(BsonDocument document, BsonDocument update)
    {
        if (!update.GetElement(0).Name.StartsWith('$'))
        {
            return new BsonDocument(document.GetElement("_id")).Merge(update);
        }

        var changed = (BsonDocument)document.DeepClone();
        changed.Merge(update.GetValue("$set", new BsonDocument()).AsBsonDocument, overwriteExistingElements: true);
        foreach (var removed in update.GetValue("$unset", new BsonDocument()).AsBsonDocument)
        {
            changed.Remove(removed.Name);
        }

        foreach (var raised in update.GetValue("$max", new BsonDocument()).AsBsonDocument)
        {
            changed[raised.Name] = changed.TryGetValue(raised.Name, out var current) && current > raised.Value ? current : raised.Value;
        }

        foreach (var pushed in update.GetValue("$push", new BsonDocument()).AsBsonDocument)
        {
            changed[pushed.Name] = new BsonArray(
                changed.GetValue(pushed.Name, new BsonArray()).AsBsonArray.Concat(pushed.Value["$each"].AsBsonArray));
        }

        foreach (var pulled in update.GetValue("$pull", new BsonDocument()).AsBsonDocument)
        {
            var elements = changed.GetValue(pulled.Name, new BsonArray()).AsBsonArray;
            changed[pulled.Name] = new BsonArray(elements.Where(element => !IsPulled(element.AsBsonDocument, pulled.Value.AsBsonDocument)));
        }

        return changed;
    }

    // A range of event ids, or a list of message ids, which has all of the outbox.
    private static bool IsPulled(BsonDocument element, BsonDocument condition) =>
        !condition.TryGetValue("event_id", out var range)
        || (element["event_id"] >= range["$gte"] && element["event_id"] <= range["$lte"]);

    // Only sweeps have conditions on other fields. They find nothing here.
    private static IEnumerable<BsonDocument> FindMatching(Dictionary<BsonValue, BsonDocument> collection, BsonDocument filter)
    {
        if (FindInputRequestId(filter) is { } request)
        {
            return collection.Values.Where(run => run
                .GetValue("input_requests", new BsonArray()).AsBsonArray
                .Any(inputRequest => inputRequest["id"] == request));
        }

        if (!filter.TryGetValue("_id", out var id))
        {
            return [];
        }

        var ids = id is BsonDocument { ElementCount: 1 } condition && condition.TryGetValue("$in", out var many) ? many.AsBsonArray : [id];
        var conditions = filter.Where(field => field.Name is "version" or "latest_event_id").ToList();
        return ids
            .Where(collection.ContainsKey)
            .Select(found => collection[found])
            .Where(document => conditions.TrueForAll(field => document[field.Name] == field.Value));
    }

    /// <summary>Returns the id of the input request that a filter matches, or null.</summary>
    public static BsonValue? FindInputRequestId(BsonDocument filter)
    {
        var conditions = filter.GetValue("$and", new BsonArray()).AsBsonArray.Select(part => part.AsBsonDocument).Prepend(filter);
        return conditions.Select(part => part.GetValue("input_requests", new BsonDocument()))
            .OfType<BsonDocument>().Select(condition => condition.GetValue("$elemMatch", new BsonDocument())).OfType<BsonDocument>()
            .Select(condition => condition.GetValue("id", null)).FirstOrDefault(id => id is not null);
    }
}
