using System.Reflection;
using MassTransit;
using MassTransit.Mediator;
using MassTransit.Saga;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Contracts;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// What every command does in every state, for each outcome of a guard. <c>running*</c> is a reply with the run, which the command has changed; <c>running</c> one with the run
/// unchanged; capital letters are the code of a rejection; <c>(failed)</c> is a run that was written without a reply; <c>-</c> is neither.
/// </summary>
public sealed class StateTableTests
{
    private const string Call = "call_1";
    private const string OtherCall = "call_2";

    private static readonly Guid KnownMessageId = new("5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10");
    private static readonly string[] States = ["", Run.CancellationPending, .. RunStatuses.All];

    private static readonly (string Name, object Command, Guid? MessageId, bool ExpectsReply)[] Commands =
    [
        ("create", Create(), null, true),
        ("create, strict, equal", Create() with { Strict = true }, null, true),
        ("create, strict, different", Create("""{"target":"task:other"}""") with { Strict = true }, null, true),
        ("create, other owner", Create() with { Owner = new Owner { Kind = OwnerKinds.Project, Id = TestData.Uuid } }, null, true),
        ("create, redelivered", Create(), KnownMessageId, true),
        ("create, too late", Create() with { ExpiresAt = TestRuns.Noon.AddHours(-1) }, null, true),
        ("create, unknown parent", Create() with { ParentRunId = "run_unknown" }, null, true),
        ("create, agent already running", Create("""{"agent_id":"a","initial_status":"running"}""") with { Kind = RunKinds.Agent }, null, true),
        ("create, agent without input", Create("""{"agent_id":"a"}""") with { Kind = RunKinds.Agent }, null, true),
        ("start", new StartRun { Tenant = "acme", RunId = "run_1" }, null, true),
        ("wait for the current call", Wait(Call), null, true),
        ("wait for another call", Wait(OtherCall), null, true),
        ("wait, redelivered", Wait(OtherCall), KnownMessageId, true),
        ("result of the current call", Resume(Call, "1"), null, true),
        ("result of another call", Resume("call_3", "1"), null, true),
        ("recorded result again", Resume("call_0", "0"), null, true),
        ("another result of a recorded call", Resume("call_0", "1"), null, true),
        ("complete: completed", Complete("completed"), null, true),
        ("complete: failed", Complete("failed"), null, true),
        ("complete: cancelled", Complete("cancelled"), null, true),
        ("cancel", new CancelRun { Tenant = "acme", RunId = "run_1" }, null, true),
        ("cancel without response address", new CancelRun { Tenant = "acme", RunId = "run_1" }, null, false),
        ("due", new RunDue("acme", "run_1"), null, false),
    ];

    private static readonly string ApprovedPath = Path.Combine(Repository.Root, "tests/Runs.Tests/Lifecycle/state-table.txt");

    [Fact]
    public async Task The_outcome_of_every_command_in_every_state_is_the_approved_one()
    {
        var rows = new List<string> { Row("", [.. States.Select(state => state.Length == 0 ? "no run" : state)]) };
        foreach (var (name, command, messageId, expectsReply) in Commands)
        {
            var cells = new List<string>();
            foreach (var state in States)
            {
                cells.Add(await OutcomeOf(command, messageId, expectsReply, state));
            }

            rows.Add(Row(name, cells));
        }

        var table = string.Join('\n', rows) + "\n";
        var received = Path.ChangeExtension(ApprovedPath, ".received.txt");
        if (await File.ReadAllTextAsync(ApprovedPath) == table)
        {
            File.Delete(received);
            return;
        }

        await File.WriteAllTextAsync(received, table);
        Assert.Fail($"An outcome has changed. Compare, and if it is meant: mv {received} {ApprovedPath}");
    }

    private static string Row(string name, IReadOnlyList<string> cells) => $"{name,-34}| {string.Join(" | ", cells.Select(cell => $"{cell,-23}"))}".TrimEnd();

    private static CreateRun Create(string request = """{"target":"task:t"}""") =>
        new() { Tenant = "acme", RunId = "run_1", Kind = RunKinds.Task, Owner = TestData.ProjectOwner, Request = new RawJson(request) };

    private static WaitRun Wait(string call) => new() { Tenant = "acme", RunId = "run_1", Reason = WaitingReasons.Tool, ToolCallId = call };

    private static ResumeRun Resume(string call, string result) => new() { Tenant = "acme", RunId = "run_1", ToolCallId = call, Result = new RawJson(result) };

    private static CompleteRun Complete(string status) => new() { Tenant = "acme", RunId = "run_1", Status = status };

    private static async Task<string> OutcomeOf(object command, Guid? messageId, bool expectsReply, string state)
    {
        var store = SingleRunStore.With(state.Length == 0 ? null : StoredRun(state));
        var repository = new SagaRepository<RunSaga>(new RunSagaRepositoryContextFactory(
            store.Store, new IgnoredOutbox(), new CascadeQueue(), TimeProvider.System, Options.Create(new LifecycleOptions()),
            new SagaConsumeContextFactory<IRunStore, RunSaga>(), new PublisherAudit(NullLoggerFactory.Instance, TimeProvider.System), NullLogger<RunStateMachine>.Instance));
        await using var mediator = (IAsyncDisposable)MassTransit.Bus.Factory.CreateMediator(configurator => configurator.StateMachineSaga(new RunStateMachine(), repository));
        return await (Task<string>)typeof(StateTableTests).GetMethod(nameof(Send), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(command.GetType()).Invoke(null, [mediator, command, messageId, expectsReply, store])!;
    }

    private static async Task<string> Send<T>(IMediator mediator, T command, Guid? messageId, bool expectsReply, SingleRunStore store)
        where T : class
    {
        if (!expectsReply)
        {
            await mediator.Send(command);
            return store.Written is { } written ? $"({written.Status})" : "-";
        }

        Response reply = await mediator.CreateRequestClient<T>().GetResponse<RunSnapshot, RunRejected>(
            command, request => request.UseExecute(context => context.MessageId = messageId ?? context.MessageId));
        return reply switch
        {
            (_, RunSnapshot snapshot) => snapshot.Run.Status + (snapshot.Changed ? "*" : ""),
            (_, RunRejected rejection) => rejection.Code,
            _ => throw new InvalidOperationException("An unexpected reply."),
        };
    }

    /// <summary>A task of which a call was answered, and which waits for another one when it waits.</summary>
    private static Run StoredRun(string state)
    {
        var run = TestRuns.Create("acme");
        return new Run
        {
            Id = RunIds.ForRun("acme", "run_1"),
            Tenant = "acme",
            RunId = "run_1",
            Kind = RunKinds.Task,
            Status = state,
            Version = 1,
            Owner = TestData.ProjectOwner,
            RootRunId = "run_1",
            CreatedAt = run.CreatedAt,
            UpdatedAt = run.UpdatedAt,
            Request = run.Request,
            AcceptedRequests = [new AcceptedRequest(KnownMessageId, CreateRunDecision.ComputeFingerprint(Create()))],
            ProcessedWaitMessageIds = [KnownMessageId],
            ToolResults = [ResumeRunDecision.CreateToolResult(Resume("call_0", "0"))],
            WaitingReason = state == RunStatuses.Waiting ? WaitingReasons.Tool : null,
            WaitingToolCallId = state == RunStatuses.Waiting ? Call : null,
            DueAt = TestRuns.Noon,
        };
    }

    private sealed class IgnoredOutbox : IOutboxDispatcher
    {
        public void Enqueue(Run run)
        {
        }
    }
}

/// <summary>A store of one run, or of none.</summary>
public class SingleRunStore : DispatchProxy
{
    private Run? _run;

    public IRunStore Store => (IRunStore)(object)this;

    /// <summary>The run as it was last written.</summary>
    public Run? Written { get; private set; }

    public static SingleRunStore With(Run? run)
    {
        var store = (SingleRunStore)(object)Create<IRunStore, SingleRunStore>();
        store._run = run;
        return store;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(IRunStore.Find) or nameof(IRunStore.FindLinearizable) or nameof(IRunStore.FindWithoutPayload) => Task.FromResult(_run?.Id == (Guid)args![0]! ? _run : null),
        nameof(IRunStore.TryInsert) => Task.FromResult(_run is null && Write((Run)args![0]!)),
        nameof(IRunStore.TryReplace) => Task.FromResult(Write((Run)args![0]!)),
        var name => throw new NotSupportedException(name),
    };

    private bool Write(Run run)
    {
        _run = Written = run;
        return true;
    }
}
