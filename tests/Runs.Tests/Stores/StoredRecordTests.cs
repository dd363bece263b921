using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using Runs.Contracts;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Store.Sqlite;

namespace Runs.Tests.Stores;

/// <summary>
/// Members that a later release has stored, at any depth of a document, are written back as they were read.
/// </summary>
public sealed class StoredRecordTests
{
    private const string Later = "later";

    /// <summary>
    /// Types of messages. They get no new members where they are stored: a later release stores those beside them.
    /// </summary>
    private static readonly Type[] MessageTypes = [typeof(Actor), typeof(Owner), typeof(RunError), typeof(RunTrigger)];

    private static readonly string[] Names = ["run", "schedule", "worker", "key"];

    /// <summary>Documents with a value for each member.</summary>
    public static TheoryData<string> Documents => [.. Names];

    [Theory]
    [MemberData(nameof(Documents))]
    public void MongoDB_keeps_elements_of_a_later_release(string name)
    {
        RunClassMaps.Register();
        var document = Create(name);
        var stored = document.ToBsonDocument(document.GetType());
        AddLater(stored, document);

        var read = BsonSerializer.Deserialize(stored, document.GetType());

        Assert.Equal(Sort(stored), Sort(read.ToBsonDocument(document.GetType())));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void SQLite_keeps_members_of_a_later_release(string name)
    {
        var document = Create(name);
        var stored = JsonSerializer.SerializeToNode(document, document.GetType(), SqliteRunRow.JsonOptions)!;
        AddLater(stored, document);

        var read = stored.Deserialize(document.GetType(), SqliteRunRow.JsonOptions);

        Assert.True(JsonNode.DeepEquals(stored, JsonSerializer.SerializeToNode(read, document.GetType(), SqliteRunRow.JsonOptions)));
    }

    [Fact]
    public void Every_part_of_a_document_keeps_unknown_members()
    {
        var parts = new HashSet<Type>();
        foreach (var name in Names)
        {
            Collect(Create(name).GetType(), parts);
        }

        Assert.All(parts.Except([typeof(Run), .. MessageTypes]), part => Assert.True(part.IsSubclassOf(typeof(StoredRecord)), part.Name));
        Assert.Subset(parts, new HashSet<Type> { typeof(RunAttempt), typeof(RunEvent), typeof(ScheduleFiring), typeof(WorkerToken) });
    }

    private static object Create(string name) => name switch
    {
        "run" => TestRuns.CreateFull(),
        "schedule" => TestSchedules.CreateFull(),
        "worker" => TestWorkers.CreateFull(),
        _ => new ApiKeyRecord
        {
            Prefix = "k1",
            SecretSha256 = "00",
            Tenant = "dev",
            Scopes = ["runs:read"],
            ActorType = ResponderTypes.Human,
            CreatedAt = TestRuns.Noon,
        },
    };

    private static void Collect(Type type, HashSet<Type> parts)
    {
        if (type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)))
        {
            Collect(type.GetGenericArguments()[0], parts);
        }
        else if (type.Assembly.GetName().Name is "Runs.Store" or "Runs.Contracts" && type.IsClass && parts.Add(type))
        {
            foreach (var property in type.GetProperties())
            {
                Collect(property.PropertyType, parts);
            }
        }
    }

    // A value of each type that the service stores, in the document and in its parts.
    private static void AddLater(BsonDocument stored, object part)
    {
        if (MessageTypes.Contains(part.GetType()))
        {
            return;
        }

        stored[Later] = new BsonDocument
        {
            { "id", new BsonBinaryData(Guid.CreateVersion7(), GuidRepresentation.Standard) },
            { "at", TestRuns.Noon.UtcDateTime },
            { "numbers", new BsonArray { 1, 2L, 0.5, BsonNull.Value } },
            { "text", "x" },
        };
        foreach (var (name, parts) in GetParts(part))
        {
            var value = stored[name];
            for (var i = 0; i < parts.Count; i++)
            {
                AddLater((value.IsBsonArray ? value[i] : value).AsBsonDocument, parts[i]);
            }
        }
    }

    private static void AddLater(JsonNode stored, object part)
    {
        if (MessageTypes.Contains(part.GetType()))
        {
            return;
        }

        stored[Later] = JsonNode.Parse("""{"at":"2026-09-01T12:00:00Z","numbers":[1,0.50,1e400,null],"text":"x"}""");
        foreach (var (name, parts) in GetParts(part))
        {
            for (var i = 0; i < parts.Count; i++)
            {
                // The outbox and others are outside the document.
                if ((stored[name] is JsonArray array ? array[i] : stored[name]) is { } value)
                {
                    AddLater(value, parts[i]);
                }
            }
        }
    }

    private static IEnumerable<(string Name, IReadOnlyList<object> Parts)> GetParts(object document)
    {
        foreach (var property in document.GetType().GetProperties())
        {
            var value = property.GetValue(document);
            object[] parts = value is IList list ? [.. list.Cast<object>()] : value is null ? [] : [value];
            if (parts.Length > 0 && parts[0].GetType() is { IsClass: true, Namespace: "Runs.Store" or "Runs.Contracts" })
            {
                yield return (JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), parts);
            }
        }
    }

    // The order of the elements has no meaning.
    private static BsonValue Sort(BsonValue value) => value switch
    {
        BsonDocument document => new BsonDocument(document.OrderBy(element => element.Name, StringComparer.Ordinal)
            .Select(element => new BsonElement(element.Name, Sort(element.Value)))),
        BsonArray array => new BsonArray(array.Select(Sort)),
        _ => value,
    };
}
