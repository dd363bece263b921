using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace Runs.ContractGenerator;

/// <summary>
/// Writes JSON as block YAML. Members keep their order, and texts of several lines are literal blocks. Texts that begin
/// with a digit are quoted, because a YAML 1.1 reader could read them as dates.
/// </summary>
internal static class Yaml
{
    private static readonly ISerializer Serializer = new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithEventEmitter(next => new MultilineStringEmitter(next))
        .WithIndentedSequences()
        .WithNewLine("\n")
        .DisableAliases()
        .Build();

    /// <summary>Returns the YAML of a JSON value.</summary>
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
