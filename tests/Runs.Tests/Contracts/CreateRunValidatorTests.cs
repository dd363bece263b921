using Runs.Contracts;

namespace Runs.Tests.Contracts;

public sealed class CreateRunValidatorTests
{
    [Theory]
    [InlineData("agent")]
    [InlineData("task")]
    [InlineData("workflow")]
    [InlineData("eval")]
    public void A_minimal_create_of_every_kind_is_valid(string kind)
    {
        Assert.Empty(CreateRunValidator.Validate(TestData.CreateRun(kind), out var request));
        Assert.Equal($"{kind}:", request.Target?[..(kind.Length + 1)]);
    }

    [Fact]
    public void A_create_with_every_member_is_valid() => Assert.Empty(Validate(TestData.CreateRun() with
    {
        RunId = "_Az09_.:-",
        Owner = TestData.ConversationOwner,
        ParentRunId = "-parent",
        Trigger = new RunTrigger
        {
            ConversationId = TestData.Conversation,
            MessageId = TestData.Uuid,
            ToolCallId = "call 9/\u00e9",
        },
        ConversationMode = "existing",
        ConversationId = TestData.Conversation,
        CreatedBy = TestData.Uuid.ToUpperInvariant(),
        TriggerKind = "schedule",
        TriggerId = "nightly",
        ScheduleId = TestData.Uuid,
        Strict = true,
    }));

    /// <summary>The pointer and text of the only error, and the create.</summary>
    public static TheoryData<string, string, CreateRun> InvalidCreates
    {
        get
        {
            const string Kind = "must be one of agent, task, workflow, eval.";
            const string RunId = "must be 1-128 of A-Z a-z 0-9 _ . : - and not begin with a dot or colon.";
            const string Key = "must be 1-128 characters, none of them a control character.";
            const string NotUuid = "must be a UUID.";
            const string UpperCase = "must be a UUID in lower case.";
            const string NotJson = "must be JSON of at most 64 levels, without a member name twice in an object.";
            const string IllFormed = "must be well-formed Unicode, without halves of surrogate pairs.";
            const string IllFormedName = "must not have a member whose name is ill-formed Unicode.";
            const string Unnecessary = "is allowed with conversation_mode existing only.";
            const string Required = "is required with conversation_mode existing.";
            const string NotOwner = "must be the owner's id when the owner is a conversation.";
            const string NotExisting = "must be existing, or be left out, when the owner is a conversation.";
            var create = TestData.CreateRun();
            var owned = create with { Owner = TestData.ConversationOwner };
            var upper = TestData.Uuid.ToUpperInvariant();
            var rows = new TheoryData<string, string, CreateRun>
            {
                { "/tenant", "is required.", create with { Tenant = null! } },
                { "/tenant", Key, create with { Tenant = "" } },
                { "/tenant", Key, create with { Tenant = "a\0b" } },
                { "/tenant", Key, create with { Tenant = new string('t', 129) } },
                { "/run_id", "is required.", create with { RunId = null! } },
                { "/run_id", RunId, create with { RunId = "" } },
                { "/run_id", RunId, create with { RunId = new string('r', 129) } },
                { "/run_id", RunId, create with { RunId = ".a" } },
                { "/run_id", RunId, create with { RunId = ":a" } },
                { "/run_id", RunId, create with { RunId = "a/b" } },
                { "/run_id", RunId, create with { RunId = "a b" } },
                { "/run_id", RunId, create with { RunId = "\u00e9" } },
                { "/kind", "is required.", create with { Kind = null! } },
                { "/kind", Kind, create with { Kind = "job" } },
                { "/kind", Kind, create with { Kind = "Agent" } },
                { "/owner", "is required.", create with { Owner = null! } },
                { "/owner/kind", "is required.", WithOwner(TestData.ProjectOwner with { Kind = null! }) },
                { "/owner/kind", "must be one of conversation, project.", WithOwner(TestData.ProjectOwner with { Kind = "team" }) },
                { "/owner/id", "is required.", WithOwner(TestData.ProjectOwner with { Id = null! }) },
                { "/owner/id", NotUuid, WithOwner(TestData.ProjectOwner with { Id = "p" }) },
                { "/owner/id", UpperCase, WithOwner(TestData.ProjectOwner with { Id = upper }) },
                { "/parent_run_id", RunId, create with { ParentRunId = "" } },
                { "/parent_run_id", RunId, create with { ParentRunId = "a/b" } },
                { "/parent_run_id", "must not be the run itself.", create with { ParentRunId = create.RunId } },
                { "/trigger/conversation_id", NotUuid, WithTrigger(new RunTrigger { ConversationId = "c" }) },
                { "/trigger/message_id", NotUuid, WithTrigger(new RunTrigger { MessageId = "m" }) },
                { "/trigger/message_id", UpperCase, WithTrigger(new RunTrigger { MessageId = upper }) },
                { "/trigger/tool_call_id", Key, WithTrigger(new RunTrigger { ToolCallId = "" }) },
                { "/trigger/tool_call_id", Key, WithTrigger(new RunTrigger { ToolCallId = "a\nb" }) },
                { "/trigger/tool_call_id", Key, WithTrigger(new RunTrigger { ToolCallId = new string('t', 129) }) },
                { "/created_by", NotUuid, create with { CreatedBy = "user" } },
                { "/trigger_kind", "must be one of api, manual, schedule, webhook.", create with { TriggerKind = "cron" } },
                { "/trigger_id", "must be 1-255 characters, none of them a control character.", create with { TriggerId = "" } },
                { "/schedule_id", NotUuid, create with { ScheduleId = "s" } },
                { "/schedule_id", UpperCase, create with { ScheduleId = upper } },
                { "/request", "is required.", create with { Request = default } },
                { "/request", "must be an object.", create with { Request = RawJson.Null } },
                { "/request", NotJson, WithRequest("{") },
                { "/request", NotJson, WithRequest("\"\ud800\"") },
                { "/request", NotJson, WithRequest("""{"agent_id":"a","agent_id":"b"}""") },
                {
                    "/request",
                    NotJson,
                    WithRequest($$$"""{"agent_id":"a","input":{"a":{{{new string('[', 63)}}}{{{new string(']', 63)}}} } }""")
                },
                { "/request/input/a~1b/0", IllFormed, WithRequest("""{"agent_id":"a","input":{"a/b":["\ud800"]}}""") },
                { "/request", IllFormedName, WithRequest("""{"agent_id":"a","\ud800":1}""") },
                { "/request/agent_id", "is required.", WithRequest("{}") },
                { "/conversation_mode", "must be one of create_new, existing, none.", create with { ConversationMode = "new" } },
                { "/conversation_id", Required, create with { ConversationMode = "existing" } },
                { "/conversation_id", NotUuid, create with { ConversationMode = "existing", ConversationId = "c" } },
                { "/conversation_id", UpperCase, create with { ConversationMode = "existing", ConversationId = upper } },
                { "/conversation_id", Unnecessary, create with { ConversationMode = "create_new", ConversationId = TestData.Uuid } },
                { "/conversation_id", Unnecessary, create with { ConversationMode = "none", ConversationId = TestData.Uuid } },
                { "/conversation_id", Unnecessary, create with { ConversationId = TestData.Uuid } },
                { "/conversation_id", Required, owned with { ConversationMode = "existing" } },
                { "/conversation_id", NotOwner, owned with { ConversationMode = "existing", ConversationId = TestData.Uuid } },
                { "/conversation_id", NotOwner, owned with { ConversationId = TestData.Uuid } },
                { "/conversation_mode", NotExisting, owned with { ConversationMode = "create_new" } },
                { "/conversation_mode", NotExisting, owned with { ConversationMode = "none" } },
            };
            foreach (var kind in new[] { "task", "workflow", "eval" })
            {
                var headless = TestData.CreateRun(kind);
                rows.Add("/owner/kind", $"must be project for runs of kind {kind}.", headless with { Owner = TestData.ConversationOwner });
                rows.Add("/conversation_mode", "is allowed for agent runs only.", headless with { ConversationMode = "none" });
                rows.Add("/conversation_id", "is allowed for agent runs only.", headless with { ConversationId = TestData.Uuid });
            }

            return rows;

            CreateRun WithRequest(string json) => create with { Request = new RawJson(json) };

            CreateRun WithOwner(Owner owner) => create with { Owner = owner };

            CreateRun WithTrigger(RunTrigger trigger) => create with { Trigger = trigger };
        }
    }

    [Theory]
    [MemberData(nameof(InvalidCreates))]
    public void An_invalid_member_is_reported_with_its_rule(string pointer, string detail, CreateRun create) =>
        Assert.Equal([new ValidationError(pointer, detail)], Validate(create));

    [Theory]
    [InlineData("create_new", null)]
    [InlineData("none", null)]
    [InlineData("existing", TestData.Uuid)]
    [InlineData(null, null)]
    public void An_agent_run_of_a_project_may_have_any_mode(string? mode, string? conversation) =>
        Assert.Empty(Validate(TestData.CreateRun() with { ConversationMode = mode, ConversationId = conversation }));

    [Theory]
    [InlineData(null, null)]
    [InlineData(null, TestData.Conversation)]
    [InlineData("existing", TestData.Conversation)]
    public void An_agent_run_of_a_conversation_belongs_to_that_conversation(string? mode, string? conversation) =>
        Assert.Empty(Validate(TestData.CreateRun() with
        {
            Owner = TestData.ConversationOwner,
            ConversationMode = mode,
            ConversationId = conversation,
        }));

    [Fact]
    public void All_validation_errors_are_reported_together()
    {
        var create = TestData.CreateRun("task") with
        {
            RunId = "/",
            Owner = TestData.ConversationOwner,
            ConversationId = "x",
            Request = new RawJson("{}"),
        };

        var errors = CreateRunValidator.Validate(create, "public_id", out _);

        Assert.Equal(["/public_id", "/owner/kind", "/conversation_id", "/request/target"], errors.Select(error => error.Pointer));
    }

    [Theory]
    [InlineData("run_1", true)]
    [InlineData("-.:_", true)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a\n", false)]
    public void Run_ids_are_distinguished_from_other_strings(string? text, bool isRunId) =>
        Assert.Equal(isRunId, FieldRules.IsRunId(text));

    private static IReadOnlyList<ValidationError> Validate(CreateRun create) => CreateRunValidator.Validate(create, out _);
}
