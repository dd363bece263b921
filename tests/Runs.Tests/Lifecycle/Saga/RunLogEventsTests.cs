using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>The first and the last event of a run's log.</summary>
public sealed class RunLogEventsTests
{
    private readonly RunMessageContext _messageContext = new() { Reference = new RunReference("acme", "run_1"), Now = TestRuns.Noon };

    [Fact]
    public void The_first_event_of_a_run_without_conversation_and_agent()
    {
        var run = StoredRun(RunStatuses.Running);

        RunLogEvents.AppendStartedEvent(run, _messageContext, executorEvent: null);

        AssertEvent(run, RunEventTypes.RunStarted, """{"type":"RUN_STARTED","runId":"run_1","threadId":"run_1"}""");
        Assert.Null(run.EmbeddedEvents[0].ExternalSequence);
        Assert.Equal(0, run.LatestExternalEventSequence);
    }

    [Fact]
    public void The_first_event_of_a_run_of_an_agent_in_a_conversation()
    {
        var run = StoredRun(RunStatuses.Running);
        (run.ConversationId, run.AgentId) = ("conversation", "schön");

        RunLogEvents.AppendStartedEvent(run, _messageContext, executorEvent: null);

        AssertEvent(
            run, RunEventTypes.RunStarted, """{"type":"RUN_STARTED","runId":"run_1","threadId":"conversation","agentId":"schön"}""");
    }

    [Fact]
    public void The_first_event_is_the_one_of_the_executor_if_it_sent_one()
    {
        var run = StoredRun(RunStatuses.Running);

        RunLogEvents.AppendStartedEvent(run, _messageContext, new RawJson("""{"by":"executor"}"""));

        AssertEvent(run, RunEventTypes.RunStarted, """{"by":"executor"}""");
        Assert.Equal((1, 1), (run.EmbeddedEvents[0].ExternalSequence, run.LatestExternalEventSequence));
    }

    [Theory]
    [InlineData("""{"m":1}""", ""","metadata":{"m":1}""")]
    [InlineData("null", "")]
    [InlineData(null, "")]
    public void The_last_event_of_a_completed_run_has_its_metadata(string? metadata, string member)
    {
        var run = StoredRun(RunStatuses.Completed);
        run.Metadata = metadata is null ? null : new RawJson(metadata);

        RunLogEvents.AppendFinishedEvent(run, _messageContext);

        AssertEvent(run, RunEventTypes.RunFinished, $$"""{"type":"RUN_FINISHED","runId":"run_1","threadId":"run_1"{{member}}}""");
    }

    [Theory]
    [InlineData(64 * 1024, true)]
    [InlineData(64 * 1024 + 1, false)]
    public void Large_metadata_is_not_repeated_in_the_event(int length, bool isRepeated)
    {
        var run = StoredRun(RunStatuses.Completed);
        run.Metadata = new RawJson($"\"{new string('x', length - 2)}\"");

        RunLogEvents.AppendFinishedEvent(run, _messageContext);

        Assert.Equal(isRepeated, run.EmbeddedEvents[0].Event.Text.Contains("metadata", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(RunStatuses.Cancelled, null, ""","message":"The run was cancelled.","code":"CANCELLED"}""")]
    [InlineData(RunStatuses.Failed, "BROKEN", ""","message":"It broke.","code":"BROKEN"}""")]
    [InlineData(RunStatuses.Failed, null, ""","message":"It broke."}""")]
    public void The_last_event_of_any_other_run_is_an_error(string status, string? code, string end)
    {
        var run = StoredRun(status);
        run.Error = status == RunStatuses.Failed ? new RunError { Message = "It broke.", Code = code } : null;

        RunLogEvents.AppendFinishedEvent(run, _messageContext);

        AssertEvent(run, RunEventTypes.RunError, """{"type":"RUN_ERROR","runId":"run_1","threadId":"run_1" """.Trim() + end);
    }

    private void AssertEvent(Run run, string type, string text)
    {
        var appended = Assert.Single(run.EmbeddedEvents);
        Assert.Equal((1, type, text), (appended.EventId, appended.EventType, appended.Event.Text));
        Assert.Equal((true, TestRuns.Noon), (appended.Public, appended.CreatedAt));
        Assert.Equal((1, TestRuns.Noon), (run.LatestEventId, run.LatestEventAt));
        Assert.True(_messageContext.HasChanges);
    }
}
