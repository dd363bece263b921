using System.Collections;
using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Serializers;
using MongoDB.Driver;
using Runs.Contracts;

namespace Runs.Store.Mongo;

/// <summary>
/// A run as a document: the members in their order under the names of the HTTP API, ids as UUIDs, times as dates, the user's JSON as its text (BSON would
/// change numbers and refuse some names). What is null or an empty list is left out; what a later release added is skipped.
/// </summary>
internal static class RunDocument
{
    // The driver keeps class maps for the process.
    static RunDocument()
    {
        Map<Owner>();
        Map<RunTrigger>();
        Map<RunError>();
        Map<Actor>();
        Map<RunChange>();
        Map<AcceptedRequest>();
        Map<ToolResult>();
        Map<OutboxMessage>();
        Map<InputRequest>();
        Map<RunEvent>();
        Map<LoggedEvent>(map => map.SetIdMember(map.GetMemberMap(logged => logged.Id).SetElementName("_id")));
        Map<ApiKeyRecord>(map => map.SetIdMember(map.GetMemberMap(key => key.Prefix).SetElementName("_id")));
        Map<Run>(map => map.SetIdMember(map.GetMemberMap(run => run.Id).SetElementName("_id")));
    }

    public static IMongoCollection<Run> Collection(IMongoDatabase database) => database.GetCollection<Run>("runs");

    public static IMongoCollection<LoggedEvent> Log(IMongoDatabase database) => database.GetCollection<LoggedEvent>("run_events");

    public static IMongoCollection<ApiKeyRecord> ApiKeys(IMongoDatabase database) => database.GetCollection<ApiKeyRecord>("api_keys");

    private static void Map<T>(Action<BsonClassMap<T>>? more = null) => BsonClassMap.TryRegisterClassMap<T>(map =>
    {
        map.SetIgnoreExtraElements(true);
        foreach (var property in typeof(T).GetProperties())
        {
            var member = map.MapMember(property).SetElementName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            if (SerializerOf(property.PropertyType) is { } serializer)
            {
                member.SetSerializer(serializer);
            }

            if (property.PropertyType.IsAssignableTo(typeof(IList)))
            {
                member.SetShouldSerializeMethod(owner => property.GetValue(owner) is IList { Count: > 0 });
            }
            else if (!property.PropertyType.IsValueType || Nullable.GetUnderlyingType(property.PropertyType) is not null)
            {
                member.SetIgnoreIfNull(true).SetDefaultValue(null as object); // a constructor is given it where the document leaves it out
            }
        }

        if (typeof(T).GetConstructors().Single() is var constructor && constructor.GetParameters() is { Length: > 0 } parameters)
        {
            map.MapConstructor(constructor, [.. parameters.Select(parameter => parameter.Name!)]);
        }

        more?.Invoke(map);
    });

    private static IBsonSerializer? SerializerOf(Type type) => type switch
    {
        _ when type == typeof(Guid) => GuidSerializer.StandardInstance,
        _ when type == typeof(Guid?) => new NullableSerializer<Guid>(GuidSerializer.StandardInstance),
        _ when type == typeof(List<Guid>) => new EnumerableInterfaceImplementerSerializer<List<Guid>, Guid>(GuidSerializer.StandardInstance),
        _ when type == typeof(DateTimeOffset) => Time,
        _ when type == typeof(DateTimeOffset?) => new NullableSerializer<DateTimeOffset>(Time),
        _ when type == typeof(RawJson) => new RawJsonSerializer(),
        _ when type == typeof(RawJson?) => new NullableSerializer<RawJson>(new RawJsonSerializer()),
        _ => null,
    };

    // The default is a sub-document, which neither a person nor an index of dates understands.
    private static DateTimeOffsetSerializer Time { get; } = new(BsonType.DateTime);

    private sealed class RawJsonSerializer : StructSerializerBase<RawJson>
    {
        public override RawJson Deserialize(BsonDeserializationContext context, BsonDeserializationArgs args) => new(context.Reader.ReadString());

        public override void Serialize(BsonSerializationContext context, BsonSerializationArgs args, RawJson value) =>
            context.Writer.WriteString(value.Text ?? "null");
    }
}
