using System.Collections;
using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Serializers;
using Runs.Contracts;

namespace Runs.Store.Mongo;

/// <summary>
/// Maps runs to documents: the members in declaration order with the names of the HTTP API, ids as UUIDs, times as
/// dates, and the user's JSON as text, because BSON would change numbers and reject some names. Null members and empty
/// lists are omitted. Elements that a later release added are kept: see <see cref="StoredRecord"/>.
/// </summary>
internal static class RunClassMaps
{
    // The default representation is a sub-document, which is hard to read and which an index of dates cannot use.
    private static readonly DateTimeOffsetSerializer TimeSerializer = new(BsonType.DateTime);

    /// <summary>Registers the mappings. The driver keeps them for the process.</summary>
    public static void Register()
    {
        BsonClassMap.TryRegisterClassMap<StoredRecord>(map => map.MapExtraElementsMember(record => record.UnknownElements));
        Register<Owner>();
        Register<RunTrigger>();
        Register<RunError>();
        Register<Actor>();
        Register<RunChange>();
        Register<AcceptedRequest>();
        Register<ToolResult>();
        Register<RunAttempt>();
        Register<WorkerSession>();
        Register<OutboxMessage>();
        Register<InputRequest>();
        Register<RunEvent>();
        Register<EventChunkDocument>(map => map.SetIdMember(map.GetMemberMap(document => document.Id).SetElementName("_id")));
        Register<ApiKeyRecord>(map => map.SetIdMember(map.GetMemberMap(key => key.Prefix).SetElementName("_id")));
        Register<WorkerToken>();
        Register<Worker>(map => map.SetIdMember(map.GetMemberMap(worker => worker.Id).SetElementName("_id")));
        Register<ScheduleTarget>();
        Register<ScheduleFiring>();
        Register<Schedule>(map =>
        {
            map.SetIdMember(map.GetMemberMap(schedule => schedule.Id).SetElementName("_id"));
            map.GetMemberMap(schedule => schedule.Cron).SetElementName(Schedule.CronName);
        });
        Register<Run>(map =>
        {
            map.SetIdMember(map.GetMemberMap(run => run.Id).SetElementName("_id"));
            map.MapExtraElementsMember(run => run.UnknownElements);
        });
    }

    private static void Register<T>(Action<BsonClassMap<T>>? configure = null) => BsonClassMap.TryRegisterClassMap<T>(map =>
    {
        map.SetIgnoreExtraElements(true);
        foreach (var property in typeof(T).GetProperties())
        {
            var member = map.MapMember(property).SetElementName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            if (GetSerializer(property.PropertyType) is { } serializer)
            {
                member.SetSerializer(serializer);
            }

            if (property.PropertyType.IsAssignableTo(typeof(IList)))
            {
                member.SetShouldSerializeMethod(owner => property.GetValue(owner) is IList { Count: > 0 });
            }
            else if (!property.PropertyType.IsValueType || Nullable.GetUnderlyingType(property.PropertyType) is not null)
            {
                member.SetIgnoreIfNull(true).SetDefaultValue(null as object); // the constructor argument for a missing element
            }
        }

        if (typeof(T).GetConstructors().Single() is var constructor && constructor.GetParameters() is { Length: > 0 } parameters)
        {
            map.MapConstructor(constructor, [.. parameters.Select(parameter => parameter.Name!)]);
        }

        configure?.Invoke(map);
    });

    private static IBsonSerializer? GetSerializer(Type type) => type switch
    {
        _ when type == typeof(Guid) => GuidSerializer.StandardInstance,
        _ when type == typeof(Guid?) => new NullableSerializer<Guid>(GuidSerializer.StandardInstance),
        _ when type == typeof(List<Guid>) =>
            new EnumerableInterfaceImplementerSerializer<List<Guid>, Guid>(GuidSerializer.StandardInstance),
        _ when type == typeof(DateTimeOffset) => TimeSerializer,
        _ when type == typeof(DateTimeOffset?) => new NullableSerializer<DateTimeOffset>(TimeSerializer),
        _ when type == typeof(RawJson) => new RawJsonSerializer(),
        _ when type == typeof(RawJson?) => new NullableSerializer<RawJson>(new RawJsonSerializer()),
        _ => null,
    };

    private sealed class RawJsonSerializer : StructSerializerBase<RawJson>
    {
        public override RawJson Deserialize(BsonDeserializationContext context, BsonDeserializationArgs args) =>
            new(context.Reader.ReadString());

        public override void Serialize(BsonSerializationContext context, BsonSerializationArgs args, RawJson value) =>
            context.Writer.WriteString(value.Text ?? "null");
    }
}
