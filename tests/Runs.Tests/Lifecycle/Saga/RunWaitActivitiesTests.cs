using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Stores;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// What waits and results change in the run. One hour passes between the last change and the command.
/// </summary>
public sealed class RunWaitActivitiesTests
{
    private static readonly Guid MessageId = new("5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10");
    private static readonly DateTimeOffset Now = TestRuns.Noon.AddHours(1);

    [Fact]
    public async Task A_wait_records_its_call_its_form_and_its_expiry()
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Running));
        var expiry = Now.AddMinutes(5).AddTicks(12_345);
        var command = Wait(reason: WaitingReasons.Input) with { ToolName = "ask", InputRequest = Form(), ExpiresAt = expiry };

        await saga.Request(command, MessageId);

        var run = saga.Written;
        Assert.Equal((WaitingReasons.Input, "call_1", "ask"), (run.WaitingReason, run.WaitingToolCallId, run.WaitingToolName));
        Assert.Equal(Now.AddMinutes(5).AddMilliseconds(1), run.DueAt);
        Assert.Equal([MessageId], run.ProcessedWaitMessageIds);
        var form = Assert.Single(run.InputRequests);
        Assert.Equal(RunIds.Derive(run.Id, "input-request/call_1"), form.Id);
        Assert.Equal(("call_1", InputRequestStatuses.Open), (form.ToolCallId, form.Status));
        Assert.Equal((ResponderTypes.Human, "Which one?", "Choose."), (form.RequestedResponderType, form.Title, form.Description));
        Assert.Equal(("""[{"name":"one"}]""", """{"m":1}"""), (form.Fields.Text, form.Metadata!.Value.Text));
        Assert.Equal((Now, (DateTimeOffset?)run.DueAt, (DateTimeOffset?)null), (form.CreatedAt, form.ExpiresAt, form.ClosedAt));
    }

    [Fact]
    public async Task A_wait_without_expiry_removes_the_due_time()
    {
        var running = StoredRun(RunStatuses.Running);
        running.DueAt = Now.AddDays(1);
        await using var saga = new SagaMediator(running);

        await saga.Request(Wait(reason: WaitingReasons.Input) with { InputRequest = Form() });

        Assert.Null(saga.Written.DueAt);
        Assert.Null(saga.Written.InputRequests[0].ExpiresAt);
    }

    [Fact]
    public async Task The_last_32_message_ids_and_1000_tool_results_are_remembered()
    {
        var waiting = StoredRun(RunStatuses.Waiting);
        waiting.ProcessedWaitMessageIds = [.. Enumerable.Range(0, 32).Select(number => RunIds.ForRun("message", $"{number}"))];
        waiting.ToolResults = [.. Enumerable.Range(0, 1000).Select(number => new ToolResult($"old_{number}", "f", false))];
        var (secondMessageId, secondCall) = (waiting.ProcessedWaitMessageIds[1], waiting.ToolResults[1].ToolCallId);
        await using var saga = new SagaMediator(waiting);

        await saga.Request(Resume(), MessageId);

        Assert.Equal((32, secondMessageId, MessageId), (
            saga.Written.ProcessedWaitMessageIds.Count, saga.Written.ProcessedWaitMessageIds[0], saga.Written.ProcessedWaitMessageIds[^1]));
        Assert.Equal((1000, secondCall, "call_1"), (
            saga.Written.ToolResults.Count, saga.Written.ToolResults[0].ToolCallId, saga.Written.ToolResults[^1].ToolCallId));
    }

    [Fact]
    public async Task A_result_ends_the_wait_and_starts_the_timeout_again()
    {
        var waiting = StoredRun(RunStatuses.Waiting);
        (waiting.TimeoutSeconds, waiting.DueAt) = (60, Now.AddDays(1));
        await using var saga = new SagaMediator(waiting);

        await saga.Request(Resume());

        var run = saga.Written;
        Assert.Equal((null, null, null), (run.WaitingReason, run.WaitingToolCallId, run.WaitingToolName));
        Assert.Equal(Now.AddSeconds(60), run.DueAt);
        Assert.Equal(TestRuns.Noon, run.StartedAt);
    }

    [Fact]
    public async Task An_approval_is_recorded_without_a_tool_call()
    {
        var waiting = StoredRun(RunStatuses.Waiting);
        (waiting.WaitingReason, waiting.WaitingToolCallId) = (WaitingReasons.Approval, null);
        await using var saga = new SagaMediator(waiting);

        await saga.Request(Resume(toolCallId: null));

        var result = Assert.Single(saga.Written.ToolResults);
        Assert.Equal(("", WaitingReasons.Approval, "1"), (result.ToolCallId, result.Reason, result.Result!.Value.Text));
    }

    [Theory]
    [InlineData("""{"one":1}""", false, InputRequestStatuses.Submitted)]
    [InlineData("null", true, InputRequestStatuses.Cancelled)]
    public async Task A_response_closes_the_form(string values, bool isError, string status)
    {
        var waiting = StoredRun(RunStatuses.Waiting);
        waiting.InputRequests.Add(OpenForm());
        await using var saga = new SagaMediator(waiting);
        var responder = new InputResponder { ActorType = ResponderTypes.Human, ActorId = "user" };

        await saga.Request(Resume(result: values) with { IsError = isError, Responder = responder });

        var form = saga.Written.InputRequests[0];
        Assert.Equal((status, Now, "human", "user"), (form.Status, form.ClosedAt, form.ActorType, form.ActorId));
        Assert.Equal(isError ? null : values, form.Values?.Text);
    }
}
