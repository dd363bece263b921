using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit;
using MassTransit.Serialization;
using NJsonSchema;
using Runs.ContractGenerator;
using Runs.Contracts;
using Runs.Lifecycle;

namespace Runs.Tests.Contracts.Messages;

/// <summary>The generated descriptions of messages are the approved ones, are complete, and are correct.</summary>
public sealed class MessageContractTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "src/Runs.Contracts");

    public static TheoryData<string> Messages => [.. ContractMessages.All.Select(message => message.Name)];

    public static TheoryData<string> Files => [.. ContractFiles.Generate().Select(file => file.Path)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Each_approved_file_is_up_to_date(string path)
    {
        var content = ContractFiles.Generate().Single(file => file.Path == path).Content;

        var approved = await File.ReadAllTextAsync(Path.Combine(Folder, path));

        Assert.True(content == approved, $"{path} differs from what the types describe. Run make accept, and read the diff.");
    }

    [Fact]
    public void Every_message_has_exactly_one_schema_file() => Assert.Equal(
        ContractMessages.All.Select(message => message.SchemaFile).Order(),
        Directory.EnumerateFiles(Path.Combine(Folder, "schemas")).Select(file => $"schemas/{Path.GetFileName(file)}").Order());

    [Theory]
    [MemberData(nameof(Messages))]
    public void Exchange_and_URN_of_each_message_are_those_that_the_service_uses(string name)
    {
        var message = ContractMessages.Get(name);

        Assert.Equal(BusConfiguration.GetEntityName(message.Type), message.Exchange);
        Assert.Equal(MessageUrn.ForTypeString(message.Type), message.Urn);
    }

    [Fact]
    public void Every_command_and_event_of_the_state_machine_is_described()
    {
        var contracts = typeof(CreateRun).Assembly;
        var commands = new RunStateMachine().Events
            .Select(handled => handled.GetType().GetGenericArguments().Single())
            .Where(type => type.Assembly == contracts)
            .Append(typeof(RenewLease)); // goes past the state machine
        var events = contracts.GetExportedTypes()
            .Where(type => type.GetProperty("Tenant") is not null && type.GetProperty("OccurredAt") is not null);

        Assert.Equal(commands.Select(type => type.Name).Order(), GetNames(MessageKind.Command));
        Assert.Equal(events.Select(type => type.Name).Order(), GetNames(MessageKind.Event));

        static IEnumerable<string> GetNames(MessageKind kind) =>
            ContractMessages.OfKind(kind).Select(message => message.Name).Order();
    }

    [Fact]
    public void Every_schema_reference_resolves()
    {
        var document = AsyncApiDocument.Create();

        Assert.All(FindReferences(document), reference => Assert.NotNull(Resolve(document, reference)));
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
                member.Value!["description"] is not null || member.Value["$ref"] is not null || member.Value["anyOf"] is not null,
                member.Key));
        });
    }

    [Fact]
    public void Every_example_command_passes_validation()
    {
        Assert.Empty(CreateRunValidator.Validate(Read<CreateRun>(), out _));
        Assert.Empty(CommandValidator.Validate(Read<StartRun>()));
        Assert.Empty(CommandValidator.Validate(Read<ClaimRun>()));
        Assert.Empty(CommandValidator.Validate(Read<ReleaseRun>()));
        Assert.Empty(CommandValidator.Validate(Read<RenewLease>()));
        Assert.Empty(CommandValidator.Validate(Read<WaitRun>()));
        Assert.Empty(CommandValidator.Validate(Read<ResumeRun>()));
        Assert.Empty(CommandValidator.Validate(Read<CompleteRun>()));
        Assert.Empty(CommandValidator.Validate(Read<CancelRun>()));

        static T Read<T>() => JsonSerializer.Deserialize<T>(ContractMessages.Get(typeof(T).Name).Example)!;
    }

    // NJsonSchema supports draft 7, which names the definitions differently. Everything else here is the same.
    internal static Task<JsonSchema> Validator(ContractMessage message) => JsonSchema.FromJsonAsync(
        ContractFiles.GenerateSchema(message).Replace("$defs", "definitions", StringComparison.Ordinal));

    // The members of the example. Other members are absent or have their default.
    private static JsonObject SelectMembers(JsonObject written, JsonObject example) => new(example.Select(member => KeyValuePair.Create(
        member.Key,
        member.Value is JsonObject inner && written[member.Key] is JsonObject outer
            ? SelectMembers(outer, inner)
            : written[member.Key]?.DeepClone())));

    private static IEnumerable<string> FindReferences(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member =>
            member.Key == "$ref" ? [member.Value!.GetValue<string>()] : FindReferences(member.Value)),
        JsonArray items => items.SelectMany(FindReferences),
        _ => [],
    };

    private static JsonNode? Resolve(JsonNode document, string reference) =>
        reference.Split('/')[1..].Aggregate((JsonNode?)document, (node, name) => node?[name]);
}
