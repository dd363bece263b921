using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Contracts;
using Runs.Tests.Stores;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>The decisions on creates, waits and results, from the stored run and the message alone.</summary>
public sealed class RunDecisionTests
{
    private static readonly Guid MessageId = new("5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10");
    private static readonly Guid OtherMessageId = new("6f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10");

    [Fact]
    public void A_create_of_a_new_id_is_accepted_reserved_or_already_running()
    {
        Assert.Equal(CreateRunOutcome.AcceptedForExecution, Decide(null, Create("task")));
        Assert.Equal(CreateRunOutcome.NotReady, Decide(null, Create("agent")));
        Assert.Equal(CreateRunOutcome.AcceptedForExecution, Decide(null, Create("agent", """{"agent_id":"writer","input":{}}""")));
        var running = Create("agent", """{"agent_id":"writer","initial_status":"running"}""");
        Assert.Equal(CreateRunOutcome.AlreadyRunning, Decide(null, running));
    }

    [Fact]
    public void A_create_whose_cancel_came_first_is_already_cancelled() =>
        Assert.Equal(CreateRunOutcome.AlreadyCancelled, Decide(Stored("agent", Run.CancellationPending), Create("agent")));

    [Theory]
    [InlineData(-1, CreateRunOutcome.Expired)]
    [InlineData(0, CreateRunOutcome.AcceptedForExecution)]
    public void A_create_after_its_deadline_has_expired(int seconds, object outcome) =>
        Assert.Equal(outcome, Decide(null, Create("task") with { ExpiresAt = TestRuns.Noon.AddSeconds(seconds) }));

    [Fact]
    public void A_parent_must_exist_be_created_and_belong_to_the_same_project()
    {
        var command = Create("task") with { ParentRunId = "run_parent" };
        var parent = Stored("task", RunStatuses.Running);

        Assert.Equal(CreateRunOutcome.AcceptedForExecution, Decide(null, command, parent));
        Assert.Equal(CreateRunOutcome.ParentNotFound, Decide(null, command));
        Assert.Equal(CreateRunOutcome.ParentNotFound, Decide(null, command, Stored("task", Run.CancellationPending)));
        parent.ProjectId = TestData.Uuid;
        Assert.Equal(CreateRunOutcome.ParentNotFound, Decide(null, command, parent));
        Assert.Equal(CreateRunOutcome.AcceptedForExecution, Decide(null, command with { Owner = TestData.ConversationOwner }, parent));
    }

    [Fact]
    public void A_create_below_a_cancelled_run_or_the_last_level_is_rejected()
    {
        var command = Create("task") with { ParentRunId = "run_parent" };
        var parent = Stored("task", RunStatuses.Running);
        parent.ParentRunId = "run_root";

        parent.Depth = 2;
        Assert.Equal(CreateRunOutcome.AcceptedForExecution, Decide(null, command, parent));
        Assert.Equal(CreateRunOutcome.CancelledAncestor, Decide(null, command, parent, hasCancelledAncestor: true));
        parent.Depth = 3;
        Assert.Equal(CreateRunOutcome.TooDeep, Decide(null, command, parent));
        parent.Depth = null; // a run of an earlier release
        Assert.Equal(2, CreateRunDecision.GetChildDepth(parent));
    }

    [Fact]
    public void A_create_of_an_existing_id_is_a_redelivery_a_duplicate_or_a_conflict()
    {
        var run = Stored("task", RunStatuses.Running);

        Assert.Equal(CreateRunOutcome.Redelivery, Decide(run, Create("task"), messageId: MessageId));
        Assert.Equal(CreateRunOutcome.Duplicate, Decide(run, Create("task"), messageId: OtherMessageId));
        Assert.Equal(CreateRunOutcome.Duplicate, Decide(run, Create("task")));
        Assert.Equal(CreateRunOutcome.Duplicate, Decide(run, Create("task") with { Strict = true }));
        Assert.Equal(CreateRunOutcome.Duplicate, Decide(run, Create("task", """{"target":"task:other"}""")));
        Assert.Equal(CreateRunOutcome.RequestMismatch, Decide(run, Create("task", """{"target":"task:other"}""") with { Strict = true }));
        Assert.Equal(CreateRunOutcome.IdConflict, Decide(run, Create("eval")));
        Assert.Equal(CreateRunOutcome.IdConflict, Decide(run, Create("task") with { Owner = TestData.ConversationOwner }));
    }

    [Theory]
    [InlineData(RunStatuses.Pending, "writer", CreateRunOutcome.ReservationInput)]
    [InlineData(RunStatuses.Pending, "editor", CreateRunOutcome.Duplicate)]
    [InlineData(RunStatuses.Running, "writer", CreateRunOutcome.Duplicate)]
    public void The_input_of_a_reserved_run_must_name_its_agent(string status, string agent, object outcome)
    {
        var run = Stored("agent", status);
        run.AgentId = "writer";

        Assert.Equal(outcome, Decide(run, Create("agent", $$"""{"agent_id":"{{agent}}","input":{} }""")));
    }

    [Fact]
    public void A_wait_for_what_the_run_waits_for_or_has_waited_for_is_a_duplicate()
    {
        var run = Stored("agent", RunStatuses.Waiting);
        (run.WaitingReason, run.WaitingToolCallId) = (WaitingReasons.Tool, "call_1");
        run.ToolResults.Add(ToolResults.Create(Resume("call_0", "1")));
        run.ProcessedWaitMessageIds.Add(MessageId);

        Assert.Equal(WaitRunOutcome.Duplicate, WaitRunDecision.Decide(run, Wait("call_1"), null));
        Assert.Equal(WaitRunOutcome.Duplicate, WaitRunDecision.Decide(run, Wait("call_0"), null));
        Assert.Equal(WaitRunOutcome.Duplicate, WaitRunDecision.Decide(run, Wait("call_2"), MessageId));
        Assert.Equal(WaitRunOutcome.NewWait, WaitRunDecision.Decide(run, Wait("call_2"), OtherMessageId));
        Assert.Equal(WaitRunOutcome.NewWait, WaitRunDecision.Decide(run, Wait("call_1") with { Reason = WaitingReasons.Approval }, null));
        run.Status = RunStatuses.Running;
        Assert.Equal(WaitRunOutcome.NewWait, WaitRunDecision.Decide(run, Wait("call_1"), null));
    }

    [Fact]
    public void A_form_is_requested_once_and_the_forms_of_a_run_are_limited()
    {
        var run = Stored("agent", RunStatuses.Running);
        run.InputRequests.Add(Form("call_0", 256 * 1024));
        var wait = Wait("call_1", WaitingReasons.Input) with { InputRequest = LifecycleData.Form() };

        Assert.Equal(WaitRunOutcome.Duplicate, WaitRunDecision.Decide(run, wait with { ToolCallId = "call_0" }, null));
        Assert.Equal(WaitRunOutcome.NewWait, WaitRunDecision.Decide(run, wait, null));
        run.InputRequests.Add(Form("call_2", 256 * 1024));
        Assert.Equal(WaitRunOutcome.TooManyInputRequests, WaitRunDecision.Decide(run, wait, null));
        Assert.Equal(WaitRunOutcome.NewWait, WaitRunDecision.Decide(run, Wait("call_1"), null));
    }

    [Fact]
    public void A_result_is_awaited_repeated_conflicting_or_not_awaited()
    {
        var run = Stored("agent", RunStatuses.Waiting);
        (run.WaitingReason, run.WaitingToolCallId) = (WaitingReasons.Tool, "call_1");
        run.ToolResults.Add(ToolResults.Create(Resume("call_0", "1")));
        run.ProcessedWaitMessageIds.Add(MessageId);

        Assert.Equal(ResumeRunOutcome.AwaitedResult, DecideResult(run, Resume("call_1", "1"), null));
        Assert.Equal(ResumeRunOutcome.Duplicate, DecideResult(run, Resume("call_1", "1"), MessageId));
        var approval = Resume("call_1", "1") with { Reason = WaitingReasons.Approval };
        Assert.Equal(ResumeRunOutcome.NotAwaited, DecideResult(run, approval, null));
        Assert.Equal(ResumeRunOutcome.Duplicate, DecideResult(run, Resume("call_0", "1.0"), null));
        Assert.Equal(ResumeRunOutcome.ResultConflict, DecideResult(run, Resume("call_0", "2"), null));
        Assert.Equal(ResumeRunOutcome.ResultConflict, DecideResult(run, Resume("call_0", "1") with { IsError = true }, null));
        run.Status = RunStatuses.Running;
        Assert.Equal(ResumeRunOutcome.NotAwaited, DecideResult(run, Resume("call_1", "1"), null));
    }

    [Fact]
    public void Only_a_responder_answers_an_open_form_and_only_the_executor_sends_a_tool_result()
    {
        var run = Stored("agent", RunStatuses.Waiting);
        (run.WaitingReason, run.WaitingToolCallId) = (WaitingReasons.Input, "call_1");
        var response = Resume("call_1", "{}") with { Responder = new InputResponder { ActorType = ResponderTypes.Human } };

        Assert.Equal(ResumeRunOutcome.NotAwaited, DecideResult(run, response, null));
        run.InputRequests.Add(Form("call_1", 0));
        Assert.Equal(ResumeRunOutcome.AwaitedResult, DecideResult(run, response, null));
        Assert.Equal(ResumeRunOutcome.NotAwaited, DecideResult(run, Resume("call_1", "{}"), null));
    }

    [Fact]
    public void A_form_of_another_call_and_a_closed_form_do_not_keep_a_tool_call_from_its_result()
    {
        var run = Stored("agent", RunStatuses.Waiting);
        (run.WaitingReason, run.WaitingToolCallId) = (WaitingReasons.Tool, "call_1");
        run.InputRequests.Add(Form("call_0", 0));
        run.InputRequests.Add(Form("call_1", 0) with { Status = InputRequestStatuses.Submitted });

        Assert.Equal(ResumeRunOutcome.AwaitedResult, DecideResult(run, Resume("call_1", "{}"), null));
    }

    private static ResumeRunOutcome DecideResult(Run run, ResumeRun command, Guid? messageId) =>
        ResumeRunDecision.Decide(run, command, new RunMessageContext
        {
            Reference = RunReference.FromCommand(command),
            Now = TestRuns.Noon,
            MessageId = messageId,
        });

    private static CreateRunOutcome Decide(
        Run? run, CreateRun command, Run? parent = null, Guid? messageId = null, bool hasCancelledAncestor = false) =>
        CreateRunDecision.Decide(run, command, new RunMessageContext
        {
            Reference = RunReference.FromCommand(command),
            Now = TestRuns.Noon,
            MessageId = messageId,
            Request = TestData.Parse(command.Kind, command.Request.Text).Request,
            Parent = parent,
            HasCancelledAncestor = hasCancelledAncestor,
            MaxTreeDepth = 3,
        });

    private static Run Stored(string kind, string status)
    {
        var run = StoredRun(status, kind);
        (run.WaitingReason, run.WaitingToolCallId) = (null, null);
        run.AcceptedRequests = [new AcceptedRequest(MessageId, CreateRunDecision.ComputeFingerprint(Create(kind)))];
        return run;
    }

    private static InputRequest Form(string call, int size) => new()
    {
        Id = RunIds.ForRun("acme", call),
        ToolCallId = call,
        Status = InputRequestStatuses.Open,
        Title = "t",
        Fields = new RawJson($"\"{new string('x', size)}\""),
        CreatedAt = TestRuns.Noon,
    };
}
