using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;
using Runs.ContractGenerator;

namespace Runs.Tests.Contracts.Messages;

/// <summary>
/// Messages as they were sent once, and are still sent by services that nobody has rebuilt. Lines are added here when a message or member is; none is
/// changed or taken away: what fails here breaks somebody, and needs a message with a new name.
/// </summary>
public sealed class MessageBackwardCompatibilityTests
{
    private const string Owner = """{"kind":"project","id":"7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10"}""";

    private const string Run = $$"""
        {"run_id":"r","kind":"task","status":"failed","owner":{{Owner}},"parent_run_id":null,"root_run_id":"r","waiting_reason":null,"metadata":{},
         "target":"task:t","workflow_id":null,"schedule_id":null,"batch_id":null,"runtime_target_kind":null,"runtime_target_environment_id":null,
         "runtime_target_branch_id":null,"input":{},"config":{},"output":1,"error":{"message":"m","code":"c","detail":[]},"logs":"l","artifacts":[],
         "duration_ms":1,"exit_code":1,"start_mode":null,"timeout_seconds":1,"backoff_limit":1,"trigger_kind":"api","trigger_id":null,"created_by":null,
         "updated_at":"2026-01-01T00:00:00.000Z","created_at":"2026-01-01T00:00:00.000Z","started_at":null,"completed_at":null}
        """;

    /// <summary>Commands with nothing but what a sender must say, and with everything it could say when they were approved.</summary>
    public static TheoryData<string, string> Commands => new()
    {
        { "CreateRun", $$"""{"tenant":"t","run_id":"r","kind":"task","owner":{{Owner}},"request":{"target":"task:t"} }""" },
        {
            "CreateRun",
            $$"""
            {"tenant":"t","run_id":"r","kind":"agent","owner":{{Owner}},"request":{"agent_id":"a"},"parent_run_id":"p",
             "trigger":{"conversation_id":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001","message_id":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001","tool_call_id":"c"},
             "conversation_mode":"existing","conversation_id":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001","created_by":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001",
             "trigger_kind":"webhook","trigger_id":"w","schedule_id":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001",
             "expires_at":"2026-01-01T00:00:00.000Z","strict":true}
            """
        },
        { "StartRun", """{"tenant":"t","run_id":"r"}""" },
        { "StartRun", """{"tenant":"t","run_id":"r","event":{"type":"RUN_STARTED"}}""" },
        { "WaitRun", """{"tenant":"t","run_id":"r","reason":"approval"}""" },
        { "WaitRun", """{"tenant":"t","run_id":"r","reason":"input","tool_call_id":"c","input_request":{"requested_responder_type":"human","title":"t","description":"d","fields":[1],"metadata":{}}}""" },
        { "ResumeRun", """{"tenant":"t","run_id":"r","reason":"approval"}""" },
        { "ResumeRun", """{"tenant":"t","run_id":"r","tool_call_id":"c","result":{"a":1},"responder":{"actor_type":"human","actor_id":"u"}}""" },
        { "WaitRun", """{"tenant":"t","run_id":"r","reason":"tool","tool_call_id":"c","tool_name":"n","expires_at":"2026-01-01T00:00:00.000Z"}""" },
        { "ResumeRun", """{"tenant":"t","run_id":"r"}""" },
        { "ResumeRun", """{"tenant":"t","run_id":"r","tool_call_id":"c","result":[1.50],"is_error":true}""" },
        { "CompleteRun", """{"tenant":"t","run_id":"r","status":"completed"}""" },
        {
            "CompleteRun",
            """
            {"tenant":"t","run_id":"r","status":"failed","metadata":{"a":1},"terminal_error_code":"c","terminal_error_message":"m","output":"o","logs":"l",
             "artifacts":[1],"exit_code":1,"duration_ms":1}
            """
        },
        { "CancelRun", """{"tenant":"t","run_id":"r"}""" },
        { "CancelRun", """{"tenant":"t","run_id":"r","actor":{"type":"user"},"trace_id":"t"}""" },
        { "StartRun", """{"tenant":"t","run_id":"r","actor":{"type":"worker","id":"w","key_prefix":"k","address":"10.0.0.1"},"trace_id":"t"}""" },
    };

    /// <summary>What listeners and askers were told when it was approved: they go on reading these members.</summary>
    public static TheoryData<string, string> PublishedMessages => new()
    {
        {
            "RunReserved",
            $$"""
            {"tenant":"t","run_id":"r","kind":"agent","owner":{{Owner}},"target":"agent:a","parent_run_id":"p","root_run_id":"p",
             "occurred_at":"2026-01-01T00:00:00.000Z"}
            """
        },
        {
            "RunAccepted",
            $$"""
            {"tenant":"t","run_id":"r","kind":"agent","owner":{{Owner}},"target":"agent:a","parent_run_id":"p","root_run_id":"p","implementation_kind":"i",
             "worker_key":"w","status":"pending","occurred_at":"2026-01-01T00:00:00.000Z"}
            """
        },
        { "RunStarted", $$"""{"tenant":"t","run_id":"r","kind":"task","owner":{{Owner}},"occurred_at":"2026-01-01T00:00:00.000Z"}""" },
        {
            "RunWaiting",
            $$"""
            {"tenant":"t","run_id":"r","kind":"agent","owner":{{Owner}},"reason":"tool","tool_call_id":"c","tool_name":"n",
             "expires_at":"2026-01-01T00:00:00.000Z","occurred_at":"2026-01-01T00:00:00.000Z"}
            """
        },
        {
            "RunResumed",
            $$"""
            {"tenant":"t","run_id":"r","kind":"agent","owner":{{Owner}},"tool_call_id":"c","result":{"a":1},"is_error":true,
             "occurred_at":"2026-01-01T00:00:00.000Z"}
            """
        },
        {
            "RunFinished",
            $$"""
            {"tenant":"t","run_id":"r","kind":"task","owner":{{Owner}},"status":"failed","error":{"message":"m","code":"c","detail":{} },
             "occurred_at":"2026-01-01T00:00:00.000Z"}
            """
        },
        { "RunSnapshot", $$"""{"run":{{Run}},"changed":true,"conversation_id":"c","message_id":"m","store_ms":0.5,"saga_ms":0.5}""" },
        { "RunRejected", """{"tenant":"t","run_id":"r","code":"REQUEST_DIFFERS","detail":"d","differences":["/a"]}""" },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_of_an_earlier_release_is_deserialized_from_raw_JSON(string name, string body)
    {
        var message = ContractMessages.Get(name);
        var raw = new SystemTextJsonRawMessageSerializer(RawSerializerOptions.Default);
        var headers = new DictionarySendHeaders();
        headers.Set(MessageHeaders.MessageType, message.Urn);

        AssertMessageContains(message, body, raw.Deserialize(raw.GetMessageBody(WithUnknownMember(body)), headers));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_of_an_earlier_release_is_deserialized_from_an_envelope(string name, string body)
    {
        var message = ContractMessages.Get(name);
        var envelopes = new SystemTextJsonMessageSerializer();
        var envelope = $$"""{"messageType":["{{message.Urn}}"],"message":{{WithUnknownMember(body)}},"future":{} }""";

        AssertMessageContains(message, body, envelopes.Deserialize(envelopes.GetMessageBody(envelope), new DictionarySendHeaders()));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_command_of_an_earlier_release_matches_the_schema(string name, string body) =>
        Assert.Empty((await MessageContractTests.Validator(ContractMessages.Get(name))).Validate(WithUnknownMember(body)));

    [Theory]
    [MemberData(nameof(PublishedMessages))]
    public void Published_messages_keep_every_member(string name, string body)
    {
        var message = ContractMessages.Get(name);

        var today = JsonSerializer.Serialize(
            JsonSerializer.Deserialize(body, message.Type, SystemTextJsonMessageSerializer.Options), message.Type, SystemTextJsonMessageSerializer.Options);

        AssertContains(JsonElement.Parse(body), JsonElement.Parse(today));
    }

    // A member that this version does not know: of a sender who is ahead of it.
    private static string WithUnknownMember(string body) => $$"""{"future":{"a":[1]},{{body.TrimStart()[1..]}}""";

    private static void AssertMessageContains(ContractMessage message, string body, SerializerContext received)
    {
        Assert.True(received.TryGetMessage(message.Type, out var read));
        AssertContains(JsonElement.Parse(body), JsonSerializer.SerializeToElement(read, message.Type, SystemTextJsonMessageSerializer.Options));
    }

    private static void AssertContains(JsonElement expected, JsonElement actual)
    {
        foreach (var member in expected.EnumerateObject())
        {
            var now = actual.GetProperty(member.Name);
            if (member.Value.ValueKind == JsonValueKind.Object && now.ValueKind == JsonValueKind.Object)
            {
                AssertContains(member.Value, now);
            }
            else
            {
                Assert.True(JsonElement.DeepEquals(member.Value, now), $"{member.Name}: {now}");
            }
        }
    }
}
