using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Contracts;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// The replies of the saga. Which command gets which one in which state is in <see cref="StateTableTests"/>.
/// </summary>
public sealed class RunReplyTests
{
    private static readonly Guid MessageId = new("5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10");

    public static TheoryData<string?, object, string, string> Rejections { get; } = new()
    {
        {
            null, Create() with { ExpiresAt = DateTimeOffset.UnixEpoch },
            "EXPIRED", "The command came after its deadline. Nothing was created."
        },
        {
            null, Create() with { ParentRunId = "run_parent" },
            "PARENT_NOT_FOUND", "parent_run_id names no run that you can see. Nothing was created."
        },
        { RunStatuses.Running, Create(RunKinds.Eval), "RUN_ID_TAKEN", "This run id belongs to a run of another kind or owner." },
        { RunStatuses.Waiting, Wait("call_2"), "RUN_NOT_RUNNING", "The run waits for something else, or no worker executes it." },
        {
            RunStatuses.Running, Claim(),
            "RUN_NOT_CLAIMABLE",
            "The run cannot be claimed: it was started or claimed, it waits, its time is in the future, or it is in another pool."
        },
        { RunStatuses.Running, Release(attempt: 2), "ATTEMPT_LOST", "The attempt is over. The last attempt of the run is 0." },
        { Run.CancellationPending, Start(), "RUN_NOT_FOUND", "No such run." },
        { null, Start(), "RUN_NOT_FOUND", "No such run." },
        { null, Cancel(), "RUN_NOT_FOUND", "No such run." },
        { RunStatuses.Completed, Wait(), "RUN_NOT_ACTIVE", "The run has ended." },
        { RunStatuses.Running, Resume(), "TOOL_RESULT_NOT_WAITING", "The run does not wait for this tool call." },
    };

    [Theory]
    [MemberData(nameof(Rejections))]
    public async Task A_rejection_has_a_code_and_a_detail(string? status, object command, string code, string detail)
    {
        await using var saga = new SagaMediator(status is null ? null : StoredRun(status));

        var rejection = Assert.IsType<RunRejected>(await Send(saga, command));

        Assert.Equal((code, detail), (rejection.Code, rejection.Detail));
        Assert.Equal(("acme", "run_1"), (rejection.Tenant, rejection.RunId));
        Assert.Null(rejection.Differences);
        Assert.Null(saga.Store.Written);
    }

    [Fact]
    public async Task A_conflicting_result_is_rejected()
    {
        var run = StoredRun(RunStatuses.Running);
        run.ToolResults.Add(ToolResults.Create(Resume()));
        await using var saga = new SagaMediator(run);

        var rejection = Assert.IsType<RunRejected>(await saga.Request(Resume(result: "2")));

        Assert.Equal(RejectionCodes.ToolResultConflict, rejection.Code);
        Assert.Equal("This tool call was already answered with another result.", rejection.Detail);
    }

    [Fact]
    public async Task Too_many_forms_are_rejected()
    {
        var run = StoredRun(RunStatuses.Running);
        run.InputRequests.Add(OpenForm() with { ToolCallId = "call_0", Title = new string('x', 600_000) });
        await using var saga = new SagaMediator(run);

        var rejection = Assert.IsType<RunRejected>(await saga.Request(Wait(reason: WaitingReasons.Input) with { InputRequest = Form() }));

        Assert.Equal(RejectionCodes.TooManyInputRequests, rejection.Code);
        Assert.Equal("The run has the maximum number of input requests.", rejection.Detail);
    }

    [Fact]
    public async Task A_different_request_is_rejected_with_its_differences()
    {
        await using var saga = new SagaMediator();
        await saga.Request(Create(request: """{"target":"task:t","config":{"a":1}}"""));
        var different = Create(request: """{"target":"task:other","config":{"a":2}}""") with { Strict = true, ParentRunId = "run_parent" };

        var rejection = Assert.IsType<RunRejected>(await saga.Request(different));

        Assert.Equal(RejectionCodes.RequestDiffers, rejection.Code);
        Assert.Equal("A run with this id exists with a different request.", rejection.Detail);
        Assert.Equal(["/parent_run_id", "/request/config/a", "/request/target"], rejection.Differences!.Order());
    }

    [Fact]
    public async Task The_command_that_ended_the_run_gets_the_same_reply_when_it_is_redelivered()
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Running));
        await saga.Request(Complete(), MessageId);

        Assert.True(Assert.IsType<RunSnapshot>(await saga.Request(Complete(), MessageId)).Changed);
        Assert.False(Assert.IsType<RunSnapshot>(await saga.Request(Complete())).Changed);
    }

    [Fact]
    public async Task A_snapshot_has_the_run_its_conversation_and_its_message()
    {
        await using var saga = new SagaMediator();

        var snapshot = Assert.IsType<RunSnapshot>(await saga.Request(Create(RunKinds.Agent) with { Owner = TestData.ConversationOwner }));

        Assert.True(snapshot.Changed);
        Assert.Equal((TestData.Conversation, saga.Written.MessageId), (snapshot.ConversationId, snapshot.MessageId));
        Assert.Equal(("run_1", RunStatuses.Pending), (snapshot.Run.RunId, snapshot.Run.Status));
    }

    [Fact]
    public async Task A_repeated_cancel_starts_the_cascade_again()
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Cancelled));

        Assert.False(Assert.IsType<RunSnapshot>(await saga.Request(Cancel())).Changed);

        var cascade = await saga.Cascades.ReadAll(default).FirstAsync();
        Assert.Equal(("acme", "run_1", null), (cascade.Tenant, cascade.RunId, cascade.OutboxMessageId));
        Assert.Null(saga.Store.Written);
    }

    private static Task<object> Send(SagaMediator saga, object command) => command switch
    {
        CreateRun create => saga.Request(create),
        StartRun start => saga.Request(start),
        ClaimRun claim => saga.Request(claim),
        ReleaseRun release => saga.Request(release),
        WaitRun wait => saga.Request(wait),
        ResumeRun resume => saga.Request(resume),
        CancelRun cancel => saga.Request(cancel),
        _ => throw new ArgumentException("Not a command.", nameof(command)),
    };
}
