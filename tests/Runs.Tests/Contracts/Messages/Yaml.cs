using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace Runs.Tests.Contracts.Messages;

/// <summary>JSON as block YAML: members in their order, texts of several lines as they are read, and nothing that a YAML 1.1 reader takes for a date.</summary>
internal static class Yaml
{
    private static readonly ISerializer Serializer = new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithEventEmitter(next => new MultilineStringEmitter(next))
        .WithIndentedSequences()
        .WithNewLine("\n")
        .DisableAliases()
        .Build();

    public static string Serialize(JsonNode node) => Serializer.Serialize(ToPlainObject(node)!);

    private static object? ToPlainObject(JsonNode? node) => node switch
    {
        JsonObject members => members.ToDictionary(member => member.Key, member => ToPlainObject(member.Value)),
        JsonArray items => items.Select(ToPlainObject).ToList(),
        JsonValue value => value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.Number => value.TryGetValue<long>(out var whole) ? whole : JsonElement.Parse(value.ToJsonString()).GetDouble(),
            var kind => kind == JsonValueKind.True,
        },
        _ => null,
    };

    private sealed class MultilineStringEmitter(IEventEmitter next) : ChainedEventEmitter(next)
    {
        public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
        {
            if (eventInfo.Source.Value is string text)
            {
                eventInfo.Style = text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal
                    : text is [>= '0' and <= '9', ..] ? ScalarStyle.DoubleQuoted
                    : eventInfo.Style;
            }

            base.Emit(eventInfo, emitter);
        }
    }
}
