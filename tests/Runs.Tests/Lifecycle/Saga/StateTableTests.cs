using System.Reflection;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Contracts;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// The outcome of every command in every state, for each outcome of a guard. <c>running*</c> is a reply with the run
/// that the command changed; <c>running</c> is a reply with the unchanged run; <c>running* (retrying)</c> has the phase
/// of the run; capital letters are the code of a rejection; <c>(failed)</c> is a run that was written without a reply;
/// <c>-</c> is neither.
/// </summary>
public sealed class StateTableTests
{
    private const string Call = "call_1";
    private const string OtherCall = "call_2";

    private static readonly Guid KnownMessageId = new("5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10");
    private static readonly string[] States =
    [
        "", Run.CancellationPending, RunStatuses.Pending, RunStatuses.Running, RunStatuses.Waiting, Run.Retrying, .. RunStatuses.Terminal,
    ];

    private static readonly Run CancelledParent = CreateParent(RunStatuses.Cancelled);
    private static readonly Run DeepParent = CreateParent(RunStatuses.Running, depth: new LifecycleOptions().MaxTreeDepth);

    private static readonly Sent[] Commands =
    [
        new("create", Create()),
        new("create, strict, equal", Create() with { Strict = true }),
        new("create, strict, different", Create("""{"target":"task:other"}""") with { Strict = true }),
        new("create, other owner", Create() with { Owner = new Owner { Kind = OwnerKinds.Project, Id = TestData.Uuid } }),
        new("create, redelivered", Create()) { MessageId = KnownMessageId },
        new("create, too late", Create() with { ExpiresAt = TestRuns.Noon.AddHours(-1) }),
        new("create, unknown parent", Create() with { ParentRunId = "run_unknown" }),
        new("create, cancelled parent", Create() with { ParentRunId = CancelledParent.RunId }) { Parent = CancelledParent },
        new("create, parent on the last level", Create() with { ParentRunId = DeepParent.RunId }) { Parent = DeepParent },
        new("create, agent already running", CreateAgent("""{"agent_id":"a","initial_status":"running"}""")),
        new("create, agent without input", CreateAgent("""{"agent_id":"a"}""")),
        new("create, input of the reserved agent", CreateAgent("""{"agent_id":"a","input":{}}"""))
        {
            Prepare = run =>
            {
                (run.Kind, run.AgentId) = (RunKinds.Agent, "a");
                run.AcceptedRequests[0] = new AcceptedRequest(
                    KnownMessageId, CreateRunDecision.ComputeFingerprint(CreateAgent("""{"agent_id":"a"}""")));
            },
        },
        new("start", new StartRun { Tenant = "acme", RunId = "run_1" }),
        new("claim of a ready run", Claim()) { Prepare = MakeReady },
        new("claim in its pool", Claim() with { Pool = "p/task:t" }) { Prepare = MakeReady },
        new("claim in the pool of its kind", Claim() with { Pool = "p/task:*" }) { Prepare = MakeReady },
        new("claim in another pool", Claim() with { Pool = "p/task:other" }) { Prepare = MakeReady },
        new("claim of a run that is not ready", Claim()) { Prepare = run => run.StartAfter = TestRuns.Noon.AddDays(1) },
        new("claim, too late", Claim() with { ExpiresAt = TestRuns.Noon }) { Prepare = MakeReady },
        new("claim, repeated", Claim()) { Prepare = Hold },
        new("claim, repeated after its attempt", Claim())
        {
            Prepare = run =>
            {
                Suspend(run);
                MakeReady(run);
            },
        },
        new("claim with the id of another worker", Claim() with { WorkerId = "other" }) { Prepare = Hold },
        new("release", Release(2)) { Prepare = Hold },
        new("release, the 20th in a row", Release(21))
        {
            Prepare = run =>
            {
                AddReleases(run, 19);
                Hold(run);
            },
        },
        new("release, the 20th, without retries", Release(21))
        {
            Prepare = run =>
            {
                AddReleases(run, 19);
                Hold(run);
                run.BackoffLimit = 0;
            },
        },
        new("release, repeated", Release(2)) { Prepare = run => AddReleases(run, 1) },
        new("release of another attempt", Release(1)) { Prepare = Hold },
        new("wait for the current call", Wait(Call)),
        new("wait, current attempt", Wait(OtherCall) with { Attempt = 2 }) { Prepare = Hold },
        new("wait, other attempt", Wait(OtherCall) with { Attempt = 1 }) { Prepare = Hold },
        new("wait, attempt required", Wait(OtherCall)) { Prepare = HoldFenced },
        new("wait with release", Wait(OtherCall) with { Attempt = 2, Release = true }) { Prepare = Hold },
        new("wait of the current call with release", Wait(Call) with { Attempt = 2, Release = true }) { Prepare = Hold },
        new("wait for a form of a failed attempt", WaitForForm()) { Prepare = run => run.InputRequests.Add(WithdrawnForm()) },
        new("wait for a form, redelivered", WaitForForm())
        {
            MessageId = KnownMessageId,
            Prepare = run => run.InputRequests.Add(WithdrawnForm()),
        },
        new("wait with release, repeated", Wait(Call) with { Attempt = 2, Release = true }) { Prepare = Suspend },
        new("wait for another call", Wait(OtherCall)),
        new("wait, redelivered", Wait(OtherCall)) { MessageId = KnownMessageId },
        new("wait, one input request too many", Wait(OtherCall) with { Reason = WaitingReasons.Input, InputRequest = LifecycleData.Form() })
        {
            Prepare = run => run.InputRequests.Add(
                LifecycleData.OpenForm() with { ToolCallId = "call_0", Title = new string('x', 600_000) }),
        },
        new("result of the current call", Resume(Call, "1")),
        new("result after the lease", Resume(Call, "1")) { Prepare = Hold },
        new("result for a suspended run", Resume(Call, "1")) { Prepare = Suspend },
        new("result of another call", Resume("call_3", "1")),
        new("recorded result again", Resume("call_0", "0")),
        new("another result of a recorded call", Resume("call_0", "1")),
        new("complete: completed", Complete("completed")),
        new("complete: failed", Complete("failed")),
        new("complete: cancelled", Complete("cancelled")),
        new("complete: completed, current attempt", Complete("completed") with { Attempt = 2 }) { Prepare = Hold },
        new("complete: completed, other attempt", Complete("completed") with { Attempt = 1 }) { Prepare = Hold },
        new("complete: completed, fenced", Complete("completed")) { Prepare = HoldFenced },
        new("complete: failed, retried", Complete("failed") with { Attempt = 2 }) { Prepare = HoldWithRetries },
        new("complete: failed, retried at once", Complete("failed") with { Attempt = 2, RetryAfterSeconds = 0 })
        {
            Prepare = HoldWithRetries,
        },
        new("complete: failed, not retryable", Complete("failed") with { Attempt = 2, Retryable = false }) { Prepare = HoldWithRetries },
        new("complete: failed, last attempt", Complete("failed") with { Attempt = 2 }) { Prepare = Hold },
        new("complete: failed, no attempt named", Complete("failed")) { Prepare = HoldWithRetries },
        new("complete: failed, repeated", Complete("failed") with { Attempt = 2 })
        {
            Prepare = run =>
            {
                End(run, AttemptOutcomes.Failed);
                Hold(run);
            },
        },
        new("cancel", new CancelRun { Tenant = "acme", RunId = "run_1" }),
        new("cancel without response address", new CancelRun { Tenant = "acme", RunId = "run_1" }) { ExpectsReply = false },
        new("cancel of a run above", new CancelRun { Tenant = "acme", RunId = "run_1" }) { ExpectsReply = false, IsCascaded = true },
        new("due", new RunDue("acme", "run_1")) { ExpectsReply = false },
        new("due: start reached", new RunDue("acme", "run_1"))
        {
            ExpectsReply = false,
            Prepare = run =>
            {
                run.StartAfter = run.Status == RunStatuses.Pending ? TestRuns.Noon : null;
                run.DueAt = run.StartAfter;
            },
        },
        new("due: lease over, retried", new RunDue("acme", "run_1")) { ExpectsReply = false, Prepare = HoldWithRetries },
        new("due: lease over, last attempt", new RunDue("acme", "run_1"))
        {
            ExpectsReply = false,
            Prepare = run =>
            {
                Hold(run);
                run.BackoffLimit = 0;
            },
        },
        new("due, too early", new RunDue("acme", "run_1"))
        {
            ExpectsReply = false,
            Prepare = run =>
            {
                run.DueAt = TestRuns.Noon.AddDays(1);
                run.RetryAt = run.Phase is null ? null : run.DueAt;
            },
        },
    ];

    private static readonly string ApprovedPath = Path.Combine(Repository.Root, "tests/Runs.Tests/Lifecycle/Saga/state-table.txt");

    [Fact]
    public async Task The_outcome_of_every_command_in_every_state_is_the_approved_one()
    {
        var rows = new List<string> { Row("", [.. States.Select(state => state.Length == 0 ? "no run" : state)]) };
        foreach (var sent in Commands)
        {
            var cells = new List<string>();
            foreach (var state in States)
            {
                cells.Add(await OutcomeOf(sent, state));
            }

            rows.Add(Row(sent.Name, cells));
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

    [Fact]
    public void Every_command_has_a_row() => Assert.Equal(
        MessageTypes.RunCommands.Append(typeof(RunDue)).ToHashSet(),
        Commands.Select(sent => sent.Command.GetType()).ToHashSet());

    private static string Row(string name, IReadOnlyList<string> cells) =>
        $"{name,-36}| {string.Join(" | ", cells.Select(cell => $"{cell,-23}"))}".TrimEnd();

    private static CreateRun Create(string request = """{"target":"task:t"}""") =>
        new() { Tenant = "acme", RunId = "run_1", Kind = RunKinds.Task, Owner = TestData.ProjectOwner, Request = new RawJson(request) };

    private static CreateRun CreateAgent(string request) => Create(request) with { Kind = RunKinds.Agent };

    private static WaitRun Wait(string call) =>
        new() { Tenant = "acme", RunId = "run_1", Reason = WaitingReasons.Tool, ToolCallId = call };

    private static WaitRun WaitForForm() =>
        Wait(OtherCall) with { Reason = WaitingReasons.Input, InputRequest = LifecycleData.Form() };

    private static InputRequest WithdrawnForm() =>
        LifecycleData.OpenForm() with { ToolCallId = OtherCall, Status = InputRequestStatuses.Cancelled };

    private static ResumeRun Resume(string call, string result) =>
        new() { Tenant = "acme", RunId = "run_1", ToolCallId = call, Result = new RawJson(result) };

    private static ClaimRun Claim() =>
        new() { Tenant = "acme", RunId = "run_1", ClaimId = TestData.Uuid, WorkerId = "worker" };

    private static ReleaseRun Release(int attempt) =>
        new() { Tenant = "acme", RunId = "run_1", Attempt = attempt, Reason = ReleaseReasons.Shutdown };

    private static CompleteRun Complete(string status) => new() { Tenant = "acme", RunId = "run_1", Status = status };

    private static async Task<string> OutcomeOf(Sent sent, string state)
    {
        var run = state.Length == 0 ? null : CreateStoredRun(state);
        if (run is not null)
        {
            sent.Prepare(run);
        }

        await using var saga = new SagaMediator(run, sent.IsCascaded, sent.Parent);
        return await (Task<string>)typeof(StateTableTests).GetMethod(nameof(Send), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(sent.Command.GetType())
            .Invoke(null, [saga, sent.Command, sent.MessageId, sent.ExpectsReply])!;
    }

    private static async Task<string> Send<T>(SagaMediator saga, T command, Guid? messageId, bool expectsReply)
        where T : class
    {
        if (!expectsReply)
        {
            await saga.Send(command);
            return saga.Store.Written is { } written ? $"({RunStateNames.GetValue(written)})" : "-";
        }

        return await saga.Request(command, messageId) switch
        {
            RunSnapshot snapshot =>
                snapshot.Run.Status + (snapshot.Changed ? "*" : "") + (saga.Store.Written?.Phase is { } phase ? $" ({phase})" : ""),
            RunRejected rejection => rejection.Code,
            var reply => throw new InvalidOperationException($"An unexpected reply: {reply}"),
        };
    }

    // A worker holds a run that is executed or waits. In the other states, its attempt has ended.
    private static void Hold(Run run)
    {
        run.Attempt = run.Attempts.Count == 0 ? 2 : run.Attempts[^1].Attempt + 1;
        run.Attempts.Add(new RunAttempt
        {
            Attempt = run.Attempt,
            WorkerId = "worker",
            ClaimId = TestData.Uuid,
            StartedAt = TestRuns.Noon,
        });
        if (run.Status == RunStatuses.Waiting || run is { Status: RunStatuses.Running, Phase: null })
        {
            (run.LeaseOwner, run.LeaseExpiresAt) = ("worker", TestRuns.Noon);
        }
        else if (run.Status == RunStatuses.Pending)
        {
            (run.Attempts, run.Attempt) = ([], 0);
        }
        else
        {
            EndLast(run, AttemptOutcomes.Cancelled);
        }

        run.DueAt = null;
    }

    private static void HoldFenced(Run run)
    {
        Hold(run);
        run.LeaseFenced = true;
    }

    private static void HoldWithRetries(Run run)
    {
        Hold(run);
        run.BackoffLimit = 3;
    }

    private static void Suspend(Run run) => End(run, AttemptOutcomes.Suspended);

    private static void AddReleases(Run run, int count)
    {
        for (var i = 0; i < count; i++)
        {
            End(run, AttemptOutcomes.Released);
        }
    }

    private static void End(Run run, string outcome)
    {
        Hold(run);
        if (run.Attempts.Count > 0)
        {
            EndLast(run, outcome);
        }

        (run.LeaseOwner, run.LeaseExpiresAt) = (null, null);
    }

    private static void EndLast(Run run, string outcome) =>
        (run.Attempts[^1].Outcome, run.Attempts[^1].EndedAt) = (outcome, TestRuns.Noon);

    private static void MakeReady(Run run)
    {
        run.DueAt = null;
        if (run.Status == RunStatuses.Pending || run.Phase is not null)
        {
            (run.ClaimRank, run.ClaimPool, run.ClaimKindPool, run.RetryAt) = (TestRuns.Noon, "p/task:t", "p/task:*", null);
        }
    }

    /// <summary>A task with a recorded tool result. In the state waiting, it waits for another one.</summary>
    private static Run CreateStoredRun(string state) => new()
    {
        Id = RunIds.ForRun("acme", "run_1"),
        Tenant = "acme",
        RunId = "run_1",
        Kind = RunKinds.Task,
        Status = state == Run.Retrying ? RunStatuses.Running : state,
        Phase = state == Run.Retrying ? state : null,
        RetryAt = state == Run.Retrying ? TestRuns.Noon : null,
        Attempts = state == Run.Retrying
            ? [new RunAttempt { Attempt = 1, StartedAt = TestRuns.Noon, EndedAt = TestRuns.Noon, Outcome = AttemptOutcomes.Failed }]
            : [],
        Version = 1,
        Owner = TestData.ProjectOwner,
        RootRunId = "run_1",
        CreatedAt = TestRuns.Noon,
        UpdatedAt = TestRuns.Noon,
        Request = new RawJson("{}"),
        AcceptedRequests = [new AcceptedRequest(KnownMessageId, CreateRunDecision.ComputeFingerprint(Create()))],
        ProcessedWaitMessageIds = [KnownMessageId],
        ToolResults = [ToolResults.Create(Resume("call_0", "0"))],
        WaitingReason = state == RunStatuses.Waiting ? WaitingReasons.Tool : null,
        WaitingToolCallId = state == RunStatuses.Waiting ? Call : null,
        DueAt = RunStatuses.IsTerminal(state) || state == Run.CancellationPending ? null : TestRuns.Noon,
    };

    private static Run CreateParent(string status, int depth = 0)
    {
        var parent = TestRuns.Create("acme");
        (parent.Status, parent.Depth) = (status, depth);
        return parent;
    }

    /// <summary>A command of the table, and what it is sent to.</summary>
    private sealed record Sent(string Name, object Command)
    {
        public Guid? MessageId { get; init; }

        public bool ExpectsReply { get; init; } = true;

        public bool IsCascaded { get; init; }

        /// <summary>Changes the stored run, for a guard that reads it.</summary>
        public Action<Run> Prepare { get; init; } = _ => { };

        public Run? Parent { get; init; }
    }
}
