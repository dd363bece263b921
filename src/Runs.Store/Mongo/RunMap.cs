using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Conventions;
using MongoDB.Bson.Serialization.Serializers;
using Runs.Contracts;

namespace Runs.Store.Mongo;

/// <summary>
/// How a run looks in MongoDB: the names and the order of <see cref="Run"/>, in snake_case; times as dates; the user's JSON as its text, since BSON can
/// hold neither every number nor every member name; what is null or empty left out.
/// </summary>
internal static class RunMap
{
    private static readonly Lazy<bool> Registered = new(Register);

    public static void Ensure() => _ = Registered.Value;

    private static bool Register()
    {
        ConventionRegistry.Register(
            "Runs",
            new ConventionPack
            {
                new SnakeCaseNames(),
                new IgnoreExtraElementsConvention(true), // a newer version may have written more
                new IgnoreIfNullConvention(true),
                new Representations(),
            },
            type => type.Namespace is "Runs.Store" or "Runs.Contracts");
        BsonClassMap.TryRegisterClassMap<Run>(map =>
        {
            map.AutoMap();
            map.MapIdMember(run => run.Id).SetSerializer(new GuidSerializer(GuidRepresentation.Standard));
            map.GetMemberMap(run => run.AcceptedRequests).SetIgnoreIfDefault(true).SetShouldSerializeMethod(run => ((Run)run).AcceptedRequests.Count > 0);
            map.GetMemberMap(run => run.ToolResults).SetShouldSerializeMethod(run => ((Run)run).ToolResults.Count > 0);
            map.GetMemberMap(run => run.Outbox).SetShouldSerializeMethod(run => ((Run)run).Outbox.Count > 0);
        });
        return true;
    }

    private sealed class SnakeCaseNames : ConventionBase, IMemberMapConvention
    {
        public void Apply(BsonMemberMap memberMap) =>
            memberMap.SetElementName(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(memberMap.MemberName));
    }

    private sealed class Representations : ConventionBase, IMemberMapConvention
    {
        private static readonly DateTimeOffsetSerializer Date = new(BsonType.DateTime);
        private static readonly GuidSerializer Uuid = new(GuidRepresentation.Standard);
        private static readonly RawJsonSerializer Json = new();

        public void Apply(BsonMemberMap memberMap)
        {
            IBsonSerializer? serializer = memberMap.MemberType switch
            {
                var type when type == typeof(DateTimeOffset) => Date,
                var type when type == typeof(DateTimeOffset?) => new NullableSerializer<DateTimeOffset>(Date),
                var type when type == typeof(Guid) => Uuid,
                var type when type == typeof(Guid?) => new NullableSerializer<Guid>(Uuid),
                var type when type == typeof(RawJson) => Json,
                var type when type == typeof(RawJson?) => new NullableSerializer<RawJson>(Json),
                _ => null,
            };
            if (serializer is not null)
            {
                memberMap.SetSerializer(serializer);
            }
        }
    }

    private sealed class RawJsonSerializer : StructSerializerBase<RawJson>
    {
        public override RawJson Deserialize(BsonDeserializationContext context, BsonDeserializationArgs args) => new(context.Reader.ReadString());

        public override void Serialize(BsonSerializationContext context, BsonSerializationArgs args, RawJson value) => context.Writer.WriteString(value.Text);
    }
}
