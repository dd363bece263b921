using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit.Serialization;
using NJsonSchema;
using Runs.Contracts;
using Runs.Lifecycle;

namespace Runs.Tests.Contracts.Messages;

/// <summary>What other services are told of the messages is what was approved, has every message, and is true.</summary>
public sealed class MessageContractTests
{
    private const string Folder = "src/Runs.Contracts";

    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Messages => [.. ContractMessages.All.Select(message => message.Name)];

    [Fact]
    public Task The_description_of_the_messages_is_the_approved_one() => IsApproved("asyncapi.yaml", Yaml.Serialize(AsyncApiDocument.Create()));

    [Theory]
    [MemberData(nameof(Messages))]
    public Task The_schema_of_each_message_is_the_approved_one(string name)
    {
        var message = ContractMessages.Get(name);
        return IsApproved(message.SchemaFile, Schema(message));
    }

    [Fact]
    public void Every_message_has_exactly_one_schema_file() => Assert.Equal(
        ContractMessages.All.Select(message => message.SchemaFile).Order(),
        Directory.EnumerateFiles(Path.Combine(Repository.Root, Folder, "schemas"), "*.json")
            .Where(file => !file.Contains(".received.", StringComparison.Ordinal)).Select(file => $"schemas/{Path.GetFileName(file)}").Order());

    [Fact]
    public void Every_command_and_event_of_the_state_machine_is_described()
    {
        var contracts = typeof(CreateRun).Assembly;
        var taken = new RunStateMachine().Events.Select(e => e.GetType().GetGenericArguments().Single()).Where(type => type.Assembly == contracts);
        var told = contracts.GetExportedTypes().Where(type => type.GetProperty("Tenant") is not null && type.GetProperty("OccurredAt") is not null);

        Assert.Equal(taken.Select(type => type.Name).Order(), ContractMessages.OfKind(MessageKind.Command).Select(message => message.Name).Order());
        Assert.Equal(told.Select(type => type.Name).Order(), ContractMessages.OfKind(MessageKind.Event).Select(message => message.Name).Order());
    }

    [Fact]
    public void Every_schema_reference_resolves()
    {
        var document = AsyncApiDocument.Create();

        Assert.All(References(document), reference => Assert.NotNull(Find(document, reference)));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Every_example_matches_its_schema(string name)
    {
        var message = ContractMessages.Get(name);
        var schema = await Validator(message);

        Assert.Empty(schema.Validate(message.Example));
        Assert.NotEmpty(schema.Validate("{}"));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_example_survives_a_round_trip(string name)
    {
        var message = ContractMessages.Get(name);

        var read = JsonSerializer.Deserialize(message.Example, message.Type, SystemTextJsonMessageSerializer.Options);
        var written = JsonSerializer.SerializeToNode(read, message.Type, SystemTextJsonMessageSerializer.Options);

        var example = JsonNode.Parse(message.Example)!.AsObject();
        Assert.Equal(example.ToJsonString(), SelectMembers(written!.AsObject(), example).ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_member_has_a_description(string name)
    {
        var schemas = new MessageSchemas("#/$defs/");

        var described = schemas.CreateSchema(ContractMessages.Get(name).Type);

        Assert.All(schemas.Definitions.Values.Append(described), schema =>
        {
            Assert.NotEmpty(schema["description"]!.GetValue<string>());
            Assert.All(schema["properties"]?.AsObject() ?? [], member => Assert.True(
                member.Value!["description"] is not null || member.Value["$ref"] is not null || member.Value["anyOf"] is not null, member.Key));
        });
    }

    [Fact]
    public void Every_example_command_passes_validation()
    {
        Assert.Empty(CreateRunValidator.Validate(Read<CreateRun>(), out _));
        Assert.Empty(CommandValidator.Validate(Read<StartRun>()));
        Assert.Empty(CommandValidator.Validate(Read<WaitRun>()));
        Assert.Empty(CommandValidator.Validate(Read<ResumeRun>()));
        Assert.Empty(CommandValidator.Validate(Read<CompleteRun>()));
        Assert.Empty(CommandValidator.Validate(Read<CancelRun>()));

        static T Read<T>() => JsonSerializer.Deserialize<T>(ContractMessages.Get(typeof(T).Name).Example)!;
    }

    /// <summary>Another's reading of the schema. It knows draft 7, where the definitions have another name and everything else here is the same.</summary>
    internal static Task<JsonSchema> Validator(ContractMessage message) =>
        JsonSchema.FromJsonAsync(Schema(message).Replace("$defs", "definitions", StringComparison.Ordinal));

    private static string Schema(ContractMessage message)
    {
        var schemas = new MessageSchemas("#/$defs/");
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = message.Urn,
            ["title"] = message.Name,
        };
        foreach (var (name, value) in schemas.CreateSchema(message.Type))
        {
            schema[name] = value!.DeepClone();
        }

        schema["examples"] = new JsonArray(JsonNode.Parse(message.Example));
        if (schemas.Definitions.Count > 0)
        {
            schema["$defs"] = new JsonObject(schemas.Definitions.Select(definition => KeyValuePair.Create(definition.Key, (JsonNode?)definition.Value)));
        }

        return schema.ToJsonString(Indented) + "\n";
    }

    private static async Task IsApproved(string file, string made)
    {
        var approved = Path.Combine(Repository.Root, Folder, file);
        var received = Path.ChangeExtension(approved, ".received" + Path.GetExtension(approved));
        if (File.Exists(approved) && await File.ReadAllTextAsync(approved) == made)
        {
            File.Delete(received);
            return;
        }

        await File.WriteAllTextAsync(received, made);
        Assert.Fail($"A message of the contract has changed. Compare, and if it is meant: mv {received} {approved}, or make accept for all");
    }

    // Members that have not been written in the example are absent or have their default: of those nothing is said here.
    private static JsonObject SelectMembers(JsonObject written, JsonObject example) => new(example.Select(member => KeyValuePair.Create(
        member.Key,
        member.Value is JsonObject inner && written[member.Key] is JsonObject outer ? SelectMembers(outer, inner) : written[member.Key]?.DeepClone())));

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member =>
            member.Key == "$ref" ? [member.Value!.GetValue<string>()] : References(member.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    private static JsonNode? Find(JsonNode document, string reference) =>
        reference.Split('/')[1..].Aggregate((JsonNode?)document, (at, name) => at?[name]);
}
