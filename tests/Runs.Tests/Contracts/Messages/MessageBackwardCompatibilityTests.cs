using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;
using Runs.ContractGenerator;

namespace Runs.Tests.Contracts.Messages;

/// <summary>
/// Messages of earlier releases, which other services still send and receive. Add a row for each new message or member.
/// Never change or remove a row: a change that fails here breaks other services and needs a message with a new name.
/// </summary>
public sealed class MessageBackwardCompatibilityTests
{
    private const string Owner = """{"kind":"project","id":"7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10"}""";

    private const string Run = $$"""
        {"run_id":"r","kind":"task","status":"failed","owner":{{Owner}},"parent_run_id":null,"root_run_id":"r",
         "waiting_reason":null,"metadata":{},"target":"task:t","workflow_id":null,"schedule_id":null,"batch_id":null,
         "runtime_target_kind":null,"runtime_target_environment_id":null,"runtime_target_branch_id":null,
         "input":{},"config":{},"output":1,"error":{"message":"m","code":"c","detail":[]},"logs":"l","artifacts":[],
         "duration_ms":1,"exit_code":1,"start_mode":null,"timeout_seconds":1,"backoff_limit":1,
         "trigger_kind":"api","trigger_id":null,"created_by":null,
         "updated_at":"2026-01-01T00:00:00.000Z","created_at":"2026-01-01T00:00:00.000Z","started_at":null,"completed_at":null}
        """;

    private const string RunWithAttempts = $$"""
        {"run_id":"r","kind":"task","status":"running","owner":{{Owner}},"root_run_id":"r","attempt":2,"failed_attempts":1,
         "next_attempt_at":"2026-01-01T00:00:00.000Z","lease_expires_at":"2026-01-01T00:00:00.000Z","priority":-1,
         "start_after":"2026-01-01T00:00:00.000Z","start_before":"2026-01-01T00:00:00.000Z",
         "updated_at":"2026-01-01T00:00:00.000Z","created_at":"2026-01-01T00:00:00.000Z"}
        """;

    /// <summary>Commands with only the required members, and with every member of their release.</summary>
    public static TheoryData<string, string> Commands => new()
    {
        { "CreateRun", $$"""{"tenant":"t","run_id":"r","kind":"task","owner":{{Owner}},"request":{"target":"task:t"} }""" },
        {
            "CreateRun",
            $$"""
            {"tenant":"t","run_id":"r","kind":"agent","owner":{{Owner}},"request":{"agent_id":"a"},"parent_run_id":"p",
             "trigger":{"conversation_id":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001",
                        "message_id":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001","tool_call_id":"c"},
             "conversation_mode":"existing","conversation_id":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001",
             "created_by":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001",
             "trigger_kind":"webhook","trigger_id":"w","schedule_id":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001",
             "expires_at":"2026-01-01T00:00:00.000Z","strict":true}
            """
        },
        { "StartRun", """{"tenant":"t","run_id":"r"}""" },
        { "StartRun", """{"tenant":"t","run_id":"r","event":{"type":"RUN_STARTED"}}""" },
        { "WaitRun", """{"tenant":"t","run_id":"r","reason":"approval"}""" },
        {
            "WaitRun",
            """
            {"tenant":"t","run_id":"r","reason":"input","tool_call_id":"c",
             "input_request":{"requested_responder_type":"human","title":"t","description":"d","fields":[1],"metadata":{}}}
            """
        },
        { "ResumeRun", """{"tenant":"t","run_id":"r","reason":"approval"}""" },
        {
            "ResumeRun",
            """{"tenant":"t","run_id":"r","tool_call_id":"c","result":{"a":1},"responder":{"actor_type":"human","actor_id":"u"}}"""
        },
        {
            "WaitRun",
            """{"tenant":"t","run_id":"r","reason":"tool","tool_call_id":"c","tool_name":"n","expires_at":"2026-01-01T00:00:00.000Z"}"""
        },
        { "ResumeRun", """{"tenant":"t","run_id":"r"}""" },
        { "ResumeRun", """{"tenant":"t","run_id":"r","tool_call_id":"c","result":[1.50],"is_error":true}""" },
        { "CompleteRun", """{"tenant":"t","run_id":"r","status":"completed"}""" },
        {
            "CompleteRun",
            """
            {"tenant":"t","run_id":"r","status":"failed","metadata":{"a":1},
             "terminal_error_code":"c","terminal_error_message":"m",
             "output":"o","logs":"l","artifacts":[1],"exit_code":1,"duration_ms":1}
            """
        },
        {
            "CompleteRun",
            """{"tenant":"t","run_id":"r","status":"failed","attempt":1,"retryable":false,"retry_after_seconds":5}"""
        },
        { "WaitRun", """{"tenant":"t","run_id":"r","reason":"event","attempt":1,"release":true}""" },
        { "ClaimRun", """{"tenant":"t","run_id":"r","claim_id":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001","worker_id":"w"}""" },
        {
            "ClaimRun",
            """
            {"tenant":"t","run_id":"r","claim_id":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001","worker_id":"w","instance_id":"i",
             "worker_key":"k","pool":"-/task:t","lease_seconds":30,"fenced":true}
            """
        },
        { "ReleaseRun", """{"tenant":"t","run_id":"r","attempt":1,"reason":"shutdown"}""" },
        { "RenewLease", """{"tenant":"t","run_id":"r","worker_id":"w","attempt":1,"lease_seconds":30}""" },
        { "CancelRun", """{"tenant":"t","run_id":"r"}""" },
        { "CancelRun", """{"tenant":"t","run_id":"r","actor":{"type":"user"},"trace_id":"t"}""" },
        {
            "StartRun",
            """{"tenant":"t","run_id":"r","actor":{"type":"worker","id":"w","key_prefix":"k","address":"10.0.0.1"},"trace_id":"t"}"""
        },
    };

    /// <summary>Events and replies with every member of their release.</summary>
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
            {"tenant":"t","run_id":"r","kind":"agent","owner":{{Owner}},"target":"agent:a","parent_run_id":"p","root_run_id":"p",
             "implementation_kind":"i","worker_key":"w","status":"pending","occurred_at":"2026-01-01T00:00:00.000Z"}
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
        {
            "RunReady",
            $$"""
            {"tenant":"t","run_id":"r","kind":"agent","owner":{{Owner}},"target":"agent:a","implementation_kind":"i","worker_key":"w",
             "attempt_next":2,"reason":"retry","occurred_at":"2026-01-01T00:00:00.000Z"}
            """
        },
        {
            "RunStarted",
            $$"""
            {"tenant":"t","run_id":"r","kind":"task","owner":{{Owner}},"attempt":1,"worker_id":"w",
             "occurred_at":"2026-01-01T00:00:00.000Z"}
            """
        },
        {
            "RunAttemptStarted",
            $$"""
            {"tenant":"t","run_id":"r","kind":"task","owner":{{Owner}},"attempt":2,"worker_id":"w",
             "occurred_at":"2026-01-01T00:00:00.000Z"}
            """
        },
        {
            "RunAttemptEnded",
            $$"""
            {"tenant":"t","run_id":"r","kind":"task","owner":{{Owner}},"attempt":1,"outcome":"failed","error":{"message":"m","code":"c"},
             "retry_at":"2026-01-01T00:00:00.000Z","occurred_at":"2026-01-01T00:00:00.000Z"}
            """
        },
        {
            "RunFinished",
            $$"""
            {"tenant":"t","run_id":"r","kind":"task","owner":{{Owner}},"status":"completed","attempt":2,
             "schedule_id":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001","occurred_at":"2026-01-01T00:00:00.000Z"}
            """
        },
        {
            "RunSnapshot",
            $$"""
            {"run":{{RunWithAttempts}},"changed":true,
             "claim":{"attempt":2,"lease_owner":"w","lease_expires_at":"2026-01-01T00:00:00.000Z","latest_event_id":1,
                      "latest_external_event_sequence":1,
                      "tool_results":[{"tool_call_id":"c","reason":"tool","result":[1.50],"is_error":false}],
                      "source_target_kind":"release","source_target_release_version":"1"} }
            """
        },
        { "RunSnapshot", $$"""{"run":{{Run}},"changed":true,"conversation_id":"c","message_id":"m","store_ms":0.5,"saga_ms":0.5}""" },
        {
            "LeaseRenewed", """{"tenant":"t","run_id":"r","attempt":1,"lease_expires_at":"2026-01-01T00:00:00.000Z"}"""
        },
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

        var read = JsonSerializer.Deserialize(body, message.Type, SystemTextJsonMessageSerializer.Options);
        var written = JsonSerializer.SerializeToElement(read, message.Type, SystemTextJsonMessageSerializer.Options);

        AssertContains(JsonElement.Parse(body), written);
    }

    // A newer sender may add members.
    private static string WithUnknownMember(string body) => $$"""{"future":{"a":[1]},{{body.TrimStart()[1..]}}""";

    private static void AssertMessageContains(ContractMessage message, string body, SerializerContext received)
    {
        Assert.True(received.TryGetMessage(message.Type, out var read));
        AssertContains(
            JsonElement.Parse(body),
            JsonSerializer.SerializeToElement(read, message.Type, SystemTextJsonMessageSerializer.Options));
    }

    private static void AssertContains(JsonElement expected, JsonElement actual)
    {
        foreach (var member in expected.EnumerateObject())
        {
            var value = actual.GetProperty(member.Name);
            if (member.Value.ValueKind == JsonValueKind.Object && value.ValueKind == JsonValueKind.Object)
            {
                AssertContains(member.Value, value);
            }
            else
            {
                Assert.True(JsonElement.DeepEquals(member.Value, value), $"{member.Name}: {value}");
            }
        }
    }
}
