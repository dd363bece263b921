using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Contracts;
using Runs.Tests.Stores;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>The run that a create inserts.</summary>
public sealed class RunFactoryTests
{
    private static readonly Guid MessageId = new("5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10");

    [Fact]
    public void A_run_has_the_values_of_its_command()
    {
        var command = Create() with
        {
            Owner = TestData.ConversationOwner,
            ParentRunId = "run_parent",
            Trigger = new RunTrigger { ToolCallId = "call" },
            ConversationMode = ConversationModes.Existing,
            CreatedBy = "user",
            TriggerKind = TriggerKinds.Webhook,
            TriggerId = "trigger",
            ScheduleId = "schedule",
        };
        var parent = StoredRun(RunStatuses.Running);
        (parent.RootRunId, parent.Depth) = ("run_root", 4);

        var run = Factory(command, parent: parent);

        Assert.Equal((RunId, "acme", "run_1", RunKinds.Task), (run.Id, run.Tenant, run.RunId, run.Kind));
        Assert.Equal((command.Owner, null, TestData.Conversation), (run.Owner, run.ProjectId, run.ConversationId));
        Assert.Equal(RunIds.Derive(RunId, "message").ToString(), run.MessageId);
        Assert.Equal(("run_parent", "run_root", 5), (run.ParentRunId, run.RootRunId, run.Depth));
        Assert.Equal((command.Trigger, ConversationModes.Existing), (run.Trigger, run.ConversationMode));
        Assert.Equal((TriggerKinds.Webhook, "trigger"), (run.TriggerKind, run.TriggerId));
        Assert.Equal(("schedule", "user"), (run.ScheduleId, run.CreatedBy));
        Assert.Equal((TestRuns.Noon, TestRuns.Noon, (DateTimeOffset?)null), (run.CreatedAt, run.UpdatedAt, run.DueAt));
        Assert.Equal(command.Request.Text.Length, run.RequestBytes);
        var accepted = Assert.Single(run.AcceptedRequests);
        Assert.Equal((MessageId, CreateRunDecision.ComputeFingerprint(command)), (accepted.MessageId, accepted.Fingerprint));
    }

    [Fact]
    public void A_run_has_the_values_of_its_request()
    {
        var request = new RunRequest
        {
            AgentId = "agent",
            InitialStatus = RunStatuses.Pending,
            ImplementationKind = "implementation",
            WorkerKey = "worker",
            SourceTargetKind = "source",
            SourceTargetEnvironmentId = "source-environment",
            SourceTargetBranchId = "source-branch",
            SourceTargetReleaseVersion = "1.2.3",
            RuntimeTargetKind = "runtime",
            RuntimeTargetEnvironmentId = "runtime-environment",
            RuntimeTargetBranchId = "runtime-branch",
            Input = new RawJson("1"),
            Config = new RawJson("2"),
            Target = "task:t",
            Name = "name",
            BatchId = "batch",
            TimeoutSeconds = 3,
            BackoffLimit = 4,
            WorkflowId = "workflow",
            StartMode = "start",
            RemainingMembers = new RawJson("5"),
        };

        var run = Factory(Create(), request);

        Assert.Equal(("agent", "implementation", "worker"), (run.AgentId, run.ImplementationKind, run.WorkerKey));
        Assert.Equal(("source", "source-environment"), (run.SourceTargetKind, run.SourceTargetEnvironmentId));
        Assert.Equal(("source-branch", "1.2.3"), (run.SourceTargetBranchId, run.SourceTargetReleaseVersion));
        Assert.Equal(("runtime", "runtime-environment"), (run.RuntimeTargetKind, run.RuntimeTargetEnvironmentId));
        Assert.Equal("runtime-branch", run.RuntimeTargetBranchId);
        Assert.Equal(("1", "2", "5"), (run.Input!.Value.Text, run.Config!.Value.Text, run.Request.Text));
        Assert.Equal(("task:t", "name", "batch"), (run.Target, run.Name, run.BatchId));
        Assert.Equal((3, 4), (run.TimeoutSeconds, run.BackoffLimit));
        Assert.Equal(("workflow", "start"), (run.WorkflowId, run.StartMode));
    }

    [Fact]
    public void A_root_of_a_project_has_no_parent_no_depth_and_no_conversation()
    {
        var run = Factory(Create());

        Assert.Equal((TestData.Project, null, null), (run.ProjectId, run.ConversationId, run.MessageId));
        Assert.Equal((null, "run_1", null), (run.ParentRunId, run.RootRunId, run.Depth));
        Assert.Equal(TriggerKinds.Api, run.TriggerKind);
        Assert.Empty(run.Changes);
    }

    [Fact]
    public void A_new_conversation_has_an_id_that_is_derived_from_the_run()
    {
        var run = Factory(Create() with { ConversationMode = ConversationModes.CreateNew });

        Assert.Equal(RunIds.Derive(RunId, "conversation").ToString(), run.ConversationId);
        Assert.NotNull(run.MessageId);
    }

    [Fact]
    public void An_existing_conversation_is_the_one_of_the_command() => Assert.Equal(
        TestData.Conversation,
        Factory(Create() with { ConversationMode = ConversationModes.Existing, ConversationId = TestData.Conversation }).ConversationId);

    [Fact]
    public void A_reservation_is_due_after_its_lifetime() =>
        Assert.Equal(TestRuns.Noon.AddHours(24), Factory(Create(RunKinds.Agent)).StartBefore);

    private static Run Factory(CreateRun command, RunRequest? request = null, Run? parent = null) => RunFactory.Create(
        new RunSaga { CorrelationId = RunId },
        command,
        new RunMessageContext
        {
            Reference = RunReference.FromCommand(command),
            Now = TestRuns.Noon,
            MessageId = MessageId,
            Request = request ?? TestData.Parse(command.Kind, command.Request.Text).Request,
            Parent = parent,
            MaxTreeDepth = 100,
            ReservationLifetime = TimeSpan.FromHours(24),
        });
}
