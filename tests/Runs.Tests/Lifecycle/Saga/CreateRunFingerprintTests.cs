using System.Security.Cryptography;
using System.Text;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Contracts;
using Runs.Tests.Stores;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>How creates are compared. Fingerprints are stored, so they must not change between releases.</summary>
public sealed class CreateRunFingerprintTests
{
    private static readonly CreateRun Full = Create(request: """{"target":"task:t","config":{"a":1}}""") with
    {
        ParentRunId = "run_parent",
        Trigger = new RunTrigger { ConversationId = "c", MessageId = "m", ToolCallId = "t" },
        ConversationMode = ConversationModes.Existing,
        ConversationId = TestData.Conversation,
    };

    public static TheoryData<CreateRun, string> Differences { get; } = new()
    {
        { Full with { Kind = RunKinds.Eval }, "/kind" },
        { Full with { Owner = Full.Owner with { Kind = OwnerKinds.Conversation } }, "/owner/kind" },
        { Full with { Owner = Full.Owner with { Id = TestData.Uuid } }, "/owner/id" },
        { Full with { ParentRunId = "run_other" }, "/parent_run_id" },
        { Full with { ConversationId = TestData.Uuid }, "/conversation_id" },
        { Full with { Trigger = Full.Trigger! with { ConversationId = "other" } }, "/trigger/conversation_id" },
        { Full with { Trigger = Full.Trigger! with { MessageId = "other" } }, "/trigger/message_id" },
        { Full with { Trigger = Full.Trigger! with { ToolCallId = "other" } }, "/trigger/tool_call_id" },
        { Full with { Request = new RawJson("""{"target":"task:t","config":{"a":2}}""") }, "/request/config/a" },
        { Full with { Request = new RawJson("""{"target":"task:other","config":{"a":1}}""") }, "/request/target" },
    };

    [Fact]
    public void The_fingerprint_is_the_hash_of_the_canonical_request()
    {
        var canonical = $$$"""
            {"conversation_id":"{{{TestData.Conversation}}}","conversation_mode":"existing","kind":"task",
            "owner":{"id":"{{{TestData.Project}}}","kind":"project"},"parent_run_id":"run_parent",
            "request":{"config":{"a":1},"target":"task:t"},
            "trigger":{"conversation_id":"c","message_id":"m","tool_call_id":"t"}}
            """.ReplaceLineEndings("");

        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))), CreateRunDecision.ComputeFingerprint(Full));
    }

    [Fact]
    public void The_fingerprint_has_no_absent_members()
    {
        var canonical = $$$"""
            {"kind":"task","owner":{"id":"{{{TestData.Project}}}","kind":"project"},"request":{"target":"task:t"}}
            """;

        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))), CreateRunDecision.ComputeFingerprint(Create()));
    }

    [Fact]
    public void The_conversation_id_is_compared_in_the_mode_existing_only()
    {
        var created = Full with { ConversationMode = ConversationModes.CreateNew };

        Assert.Equal(
            CreateRunDecision.ComputeFingerprint(created), CreateRunDecision.ComputeFingerprint(created with { ConversationId = null }));
        Assert.Empty(CreateRunDecision.FindDifferences(Store(created), created with { ConversationId = null }));
    }

    [Fact]
    public void An_equal_create_has_no_differences() => Assert.Empty(CreateRunDecision.FindDifferences(Store(Full), Full));

    [Theory]
    [MemberData(nameof(Differences))]
    public void A_different_member_is_found(CreateRun command, string pointer)
    {
        Assert.Equal([pointer], CreateRunDecision.FindDifferences(Store(Full), command));
        Assert.NotEqual(CreateRunDecision.ComputeFingerprint(Full), CreateRunDecision.ComputeFingerprint(command));
    }

    [Fact]
    public void The_input_is_compared_with_the_stored_input()
    {
        var command = Create(RunKinds.Agent, """{"agent_id":"writer","input":{"a":1}}""");
        var different = Create(RunKinds.Agent, """{"agent_id":"writer","input":{"a":2}}""");

        Assert.Empty(CreateRunDecision.FindDifferences(Store(command), command));
        Assert.Equal(["/request/input/a"], CreateRunDecision.FindDifferences(Store(command), different));
    }

    private static Run Store(CreateRun command) => RunFactory.Create(
        new RunSaga { CorrelationId = RunId },
        command,
        new RunMessageContext
        {
            Reference = RunReference.FromCommand(command),
            Now = TestRuns.Noon,
            Request = TestData.Parse(command.Kind, command.Request.Text).Request,
            MaxTreeDepth = 100,
        });
}
