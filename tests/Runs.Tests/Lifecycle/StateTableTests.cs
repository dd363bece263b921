using System.Reflection;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Contracts;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// The outcome of every command in every state, for each outcome of a guard. <c>running*</c> is a reply with the run
/// that the command changed; <c>running</c> is a reply with the unchanged run; capital letters are the code of a
/// rejection; <c>(failed)</c> is a run that was written without a reply; <c>-</c> is neither.
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
        ("create, agent already running", CreateAgent("""{"agent_id":"a","initial_status":"running"}"""), null, true),
        ("create, agent without input", CreateAgent("""{"agent_id":"a"}"""), null, true),
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
        Assert.Fail($"An outcome has changed. If the change is intended: mv {received} {ApprovedPath}");
    }

    private static string Row(string name, IReadOnlyList<string> cells) =>
        $"{name,-34}| {string.Join(" | ", cells.Select(cell => $"{cell,-23}"))}".TrimEnd();

    private static CreateRun Create(string request = """{"target":"task:t"}""") =>
        new() { Tenant = "acme", RunId = "run_1", Kind = RunKinds.Task, Owner = TestData.ProjectOwner, Request = new RawJson(request) };

    private static CreateRun CreateAgent(string request) => Create(request) with { Kind = RunKinds.Agent };

    private static WaitRun Wait(string call) =>
        new() { Tenant = "acme", RunId = "run_1", Reason = WaitingReasons.Tool, ToolCallId = call };

    private static ResumeRun Resume(string call, string result) =>
        new() { Tenant = "acme", RunId = "run_1", ToolCallId = call, Result = new RawJson(result) };

    private static CompleteRun Complete(string status) => new() { Tenant = "acme", RunId = "run_1", Status = status };

    private static async Task<string> OutcomeOf(object command, Guid? messageId, bool expectsReply, string state)
    {
        await using var saga = new SagaMediator(state.Length == 0 ? null : CreateStoredRun(state));
        return await (Task<string>)typeof(StateTableTests).GetMethod(nameof(Send), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(command.GetType())
            .Invoke(null, [saga, command, messageId, expectsReply])!;
    }

    private static async Task<string> Send<T>(SagaMediator saga, T command, Guid? messageId, bool expectsReply)
        where T : class
    {
        if (!expectsReply)
        {
            await saga.Send(command);
            return saga.Store.Written is { } written ? $"({written.Status})" : "-";
        }

        return await saga.Request(command, messageId) switch
        {
            RunSnapshot snapshot => snapshot.Run.Status + (snapshot.Changed ? "*" : ""),
            RunRejected rejection => rejection.Code,
            var reply => throw new InvalidOperationException($"An unexpected reply: {reply}"),
        };
    }

    /// <summary>A task with a recorded tool result. In the state waiting, it waits for another one.</summary>
    private static Run CreateStoredRun(string state) => new()
    {
        Id = RunIds.ForRun("acme", "run_1"),
        Tenant = "acme",
        RunId = "run_1",
        Kind = RunKinds.Task,
        Status = state,
        Version = 1,
        Owner = TestData.ProjectOwner,
        RootRunId = "run_1",
        CreatedAt = TestRuns.Noon,
        UpdatedAt = TestRuns.Noon,
        Request = new RawJson("{}"),
        AcceptedRequests = [new AcceptedRequest(KnownMessageId, CreateRunDecision.ComputeFingerprint(Create()))],
        ProcessedWaitMessageIds = [KnownMessageId],
        ToolResults = [ResumeRunDecision.CreateToolResult(Resume("call_0", "0"))],
        WaitingReason = state == RunStatuses.Waiting ? WaitingReasons.Tool : null,
        WaitingToolCallId = state == RunStatuses.Waiting ? Call : null,
        DueAt = TestRuns.Noon,
    };
}
