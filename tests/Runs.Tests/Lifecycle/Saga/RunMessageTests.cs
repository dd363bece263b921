using System.Diagnostics;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>What the saga reads from a message, and how its states are stored.</summary>
public sealed class RunMessageTests
{
    private static readonly Actor User = new() { Type = ActorTypes.User, Id = "user" };

    public static TheoryData<object, string, bool> Messages { get; } = new()
    {
        { Create() with { Actor = User, TraceId = "trace" }, "create", true },
        { Start() with { Actor = User, TraceId = "trace" }, "start", true },
        { Wait() with { Actor = User, TraceId = "trace" }, "wait", true },
        { Resume() with { Actor = User, TraceId = "trace" }, "resume", true },
        { Complete() with { Actor = User, TraceId = "trace" }, "complete", true },
        { Cancel() with { Actor = User, TraceId = "trace" }, "cancel", true },
        { Due(), "due", false },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_has_a_run_an_action_an_actor_and_a_trace(object message, string action, bool hasActor)
    {
        Assert.Equal(new RunReference("acme", "run_1"), RunReference.FromCommand(message));
        Assert.Equal(RunId, RunReference.FromCommand(message).CorrelationId);
        Assert.Equal(hasActor ? (action, User, "trace") : (action, null, null), RunChanges.Describe(message));
    }

    [Fact]
    public void Any_other_message_is_an_error_of_the_code()
    {
        Assert.Throws<UnreachableException>(() => RunReference.FromCommand(new object()));
        Assert.Throws<UnreachableException>(() => RunActions.Get(typeof(object)));
    }

    [Theory]
    [InlineData("Pending", RunStatuses.Pending, null)]
    [InlineData("CancellationPending", Run.CancellationPending, null)]
    [InlineData("Retrying", RunStatuses.Running, Run.Retrying)]
    public void A_state_is_named_after_its_status_or_phase(string name, string status, string? phase)
    {
        var run = StoredRun(RunStatuses.Waiting);

        Assert.True(RunStateNames.TrySetState(run, name));

        Assert.Equal((status, phase), (run.Status, run.Phase));
        Assert.Equal((name, phase ?? status), (RunStateNames.GetName(run), RunStateNames.GetValue(run)));
    }

    [Fact]
    public void A_state_of_the_framework_is_not_stored()
    {
        var run = StoredRun(RunStatuses.Waiting);

        Assert.False(RunStateNames.TrySetState(run, "Initial"));

        Assert.Equal((RunStatuses.Waiting, null), (run.Status, run.Phase));
    }

    [Fact]
    public void The_state_of_a_saga_with_a_run_is_its_status()
    {
        var saga = new RunSaga { RunOrNull = StoredRun(RunStatuses.Pending) };
        Assert.Equal("Pending", saga.CurrentState);

        saga.CurrentState = "Running";

        Assert.Equal(("Running", RunStatuses.Running), (saga.CurrentState, saga.Run.Status));
    }

    [Fact]
    public void The_state_of_a_saga_without_a_run_is_not_stored()
    {
        var saga = new RunSaga { CurrentState = "Initial" };
        Assert.Equal("Initial", saga.CurrentState);
        Assert.Throws<InvalidOperationException>(() => saga.Run);

        saga.RunOrNull = new Run { Id = RunId, Tenant = "acme", RunId = "run_1" };

        Assert.Equal("Initial", saga.CurrentState);
        saga.CurrentState = "Final";
        Assert.Null(saga.Run.Status);
        Assert.Equal("Final", saga.CurrentState);
    }

    [Fact]
    public void The_activities_of_a_message_share_one_decision()
    {
        var run = StoredRun(RunStatuses.Running);
        var messageContext = new RunMessageContext { Reference = new RunReference("acme", "run_1"), Now = run.CreatedAt };

        Assert.Equal(WaitRunOutcome.NewWait, messageContext.OutcomeOf(Wait(), run));
        Assert.Equal(ResumeRunOutcome.NotAwaited, messageContext.OutcomeOf(Resume(), run));
        Assert.Equal(CreateRunOutcome.Duplicate, messageContext.OutcomeOf(Create(), run));
        (run.Status, run.WaitingReason, run.WaitingToolCallId) = (RunStatuses.Waiting, WaitingReasons.Tool, "call_1");

        Assert.Equal(WaitRunOutcome.NewWait, messageContext.OutcomeOf(Wait(), run));
        Assert.Equal(ResumeRunOutcome.NotAwaited, messageContext.OutcomeOf(Resume(), run));
        Assert.Equal(CreateRunOutcome.Duplicate, messageContext.OutcomeOf(Create(RunKinds.Eval), run));
    }
}
