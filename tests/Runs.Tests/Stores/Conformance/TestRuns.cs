using System.Collections;
using System.Reflection;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>Valid runs to store. A test sets the members that it is about.</summary>
public static class TestRuns
{
    public static readonly DateTimeOffset Noon = new(2026, 9, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly MethodInfo CloneMethod =
        typeof(object).GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private static int _count;

    /// <summary>Creates a run with a new id.</summary>
    public static Run Create(string tenant = "dev")
    {
        var runId = $"run-{Interlocked.Increment(ref _count)}";
        return new Run
        {
            Id = RunIds.ForRun(tenant, runId),
            Tenant = tenant,
            RunId = runId,
            Kind = RunKinds.Agent,
            Status = RunStatuses.Pending,
            Version = 1,
            Owner = new Owner { Kind = OwnerKinds.Project, Id = "some-project" },
            RootRunId = runId,
            CreatedAt = Noon,
            UpdatedAt = Noon,
            Request = new RawJson("{}"),
        };
    }

    /// <summary>Creates a run with a different value in every member.</summary>
    public static Run CreateFull()
    {
        var run = Create();
        run.Kind = RunKinds.Workflow;
        run.Status = RunStatuses.Waiting;
        run.Phase = Run.Retrying;
        run.Version = 7_000_000_000;
        run.ProjectId = "project";
        run.ConversationId = "conversation";
        run.MessageId = "message";
        run.ParentRunId = "parent";
        run.Depth = 12;
        run.Trigger = new RunTrigger { ConversationId = "c", MessageId = "m", ToolCallId = "t" };
        run.ConversationMode = ConversationModes.Existing;
        run.Target = "workflow:w";
        run.AgentId = "agent";
        run.WorkflowId = "w";
        run.Name = "Ein Lauf, läuft 🏃 \0 \"quoted\"";
        run.BatchId = "batch";
        run.ScheduleId = "schedule";
        run.ImplementationKind = "implementation";
        run.WorkerKey = "worker";
        run.SourceTargetKind = "source";
        run.SourceTargetEnvironmentId = "source-environment";
        run.SourceTargetBranchId = "source-branch";
        run.SourceTargetReleaseVersion = "1.2.3";
        run.RuntimeTargetKind = "runtime";
        run.RuntimeTargetEnvironmentId = "runtime-environment";
        run.RuntimeTargetBranchId = "runtime-branch";
        run.Input = new RawJson("""{"in":1}""");
        run.Config = new RawJson("""{"con":2}""");
        run.StartMode = "start";
        run.TimeoutSeconds = int.MaxValue;
        run.BackoffLimit = 3;
        run.Priority = -60;
        run.StartAfter = Noon.AddMilliseconds(10);
        run.StartBefore = Noon.AddMilliseconds(11);
        run.StartWithinSeconds = 30;
        run.Attempt = 2;
        run.FailedAttempts = 1;
        run.ClaimRank = Noon.AddMilliseconds(12);
        run.ClaimPool = "project/workflow:w";
        run.ClaimKindPool = "project/workflow:*";
        run.LeaseOwner = "lease-owner";
        run.LeaseInstance = "lease-instance";
        run.LeaseExpiresAt = Noon.AddMilliseconds(13);
        run.LeaseFenced = true;
        run.Renewals = 20;
        run.WorkerSession = new WorkerSession
        {
            Id = RunIds.ForRun("a", "7"),
            SessionKey = "session",
            Status = WorkerSessionStatuses.Active,
            WorkerId = "worker",
            ImplementationKind = "implementation",
            Metadata = new RawJson("""{"page":1.0}"""),
            CreatedAt = Noon,
            UpdatedAt = Noon.AddMilliseconds(1),
            EndedAt = Noon.AddMilliseconds(2),
        };
        run.TimeoutAt = Noon.AddMilliseconds(14);
        run.WaitExpiresAt = Noon.AddMilliseconds(15);
        run.RetryAt = Noon.AddMilliseconds(16);
        run.TriggerKind = TriggerKinds.Webhook;
        run.TriggerId = "trigger";
        run.TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        run.CreatedBy = "user";
        run.WaitingReason = WaitingReasons.Tool;
        run.WaitingToolCallId = "call";
        run.WaitingToolName = "hammer";
        run.Output = new RawJson("[3]");
        run.Metadata = new RawJson("{\"meta\":4}");
        run.Error = new RunError { Message = "It broke.", Code = "BROKEN", Detail = new RawJson("null") };
        run.Logs = "line 1\nline 2\r\n";
        run.Artifacts = new RawJson("[{}]");
        run.ExitCode = -1;
        run.DurationMs = 5_000_000_000;
        run.CreatedAt = Noon.AddMilliseconds(1);
        run.UpdatedAt = Noon.AddMilliseconds(2);
        run.StartedAt = Noon.AddMilliseconds(3);
        run.CompletedAt = Noon.AddMilliseconds(999);
        run.DueAt = Noon.AddYears(50).AddMilliseconds(5);
        run.LatestEventId = 6;
        run.LatestExternalEventSequence = 8;
        run.LatestEventAt = Noon.AddMilliseconds(4);
        run.LatestWriteToken = RunIds.ForRun("a", "6");
        run.InputRequests =
        [
            new InputRequest
            {
                Id = RunIds.ForRun("a", "3"),
                ToolCallId = "ask",
                Status = InputRequestStatuses.Submitted,
                RequestedResponderType = ResponderTypes.Human,
                Title = "Which one?",
                Description = "Choose.",
                Fields = new RawJson("""[{"name":"one"}]"""),
                Metadata = new RawJson("{}"),
                CreatedAt = Noon,
                ExpiresAt = Noon.AddHours(1),
                ClosedAt = Noon.AddMinutes(1),
                ActorType = ResponderTypes.Human,
                ActorId = "responder",
                Values = new RawJson("""{"one":1.0}"""),
            },
        ];
        run.EmbeddedEvents = [CreateEvent(5), CreateEvent(6)];
        run.Request = new RawJson("""{"re":"quest"}""");
        run.AcceptedRequests = [new(RunIds.ForRun("a", "1"), "print-1"), new(Guid.Empty, "print-2")];
        run.Changes =
        [
            new RunChange(
                Noon,
                "create",
                new Actor { Type = ActorTypes.User, Id = "user", KeyPrefix = "prefix", Address = "127.0.0.1" },
                "http",
                null,
                "pending",
                RunIds.ForRun("a", "4"),
                "trace"),
            new RunChange(Noon.AddMilliseconds(1), "start", null, "broker", "pending", "running", Guid.Empty, null),
        ];
        run.ToolResults = [new("call-1", "print-3", true), new("call-2", "print-4", false, new RawJson("[1.0]"))];
        run.Attempts =
        [
            new RunAttempt
            {
                Attempt = 1,
                WorkerId = "worker",
                WorkerKey = "key",
                ClaimId = "claim",
                StartedAt = Noon,
                EndedAt = Noon.AddMilliseconds(1),
                Outcome = AttemptOutcomes.Failed,
                Error = new RunError { Message = "It was locked.", Code = "LOCKED" },
                RetryAt = Noon.AddMilliseconds(2),
            },
            new RunAttempt { Attempt = 2, StartedAt = Noon.AddMilliseconds(3) },
        ];
        run.RequestBytes = 17;
        run.ProcessedWaitMessageIds = [RunIds.ForRun("a", "4"), RunIds.ForRun("a", "5")];
        run.FinishedByMessageId = RunIds.ForRun("a", "2");
        run.Outbox = [CreateMessage("1"), CreateMessage("2")];
        return run;
    }

    /// <summary>Creates a message for an outbox. Its id is derived from <paramref name="name"/>.</summary>
    public static OutboxMessage CreateMessage(string name) =>
        new(RunIds.ForRun("message", name), "RunAccepted", new RawJson($$"""{"name":"{{name}}"}"""));

    /// <summary>Creates an event that an external caller appended. The sequence of a public event is its id.</summary>
    /// <summary>
    /// Returns an event that readers of public events do not see, and that is stored apart from public ones.
    /// </summary>
    public static RunEvent CreateLargeHiddenEvent(long id) =>
        new(id, "STEP_STARTED", false, null, Noon.AddMilliseconds(id), new RawJson($$"""{"text":"{{new string('x', 5_000)}}"}"""));

    public static RunEvent CreateEvent(long id, string type = "CUSTOM", string? text = null)
    {
        var isPublic = RunEventTypes.IsPublic(type);
        var json = new RawJson(text ?? $$"""{ "type":"{{type}}", "n":{{id}}.0 }""");
        return new RunEvent(id, type, isPublic, isPublic ? id : null, Noon.AddMilliseconds(id), json);
    }

    /// <summary>Returns a changed copy of the run, as its next version.</summary>
    public static Run NextVersion(this Run run, Action<Run> change)
    {
        var next = (Run)CloneMethod.Invoke(run, null)!;
        next.Version++;
        change(next);
        return next;
    }

    /// <summary>Returns a copy of the run, as its next version, in the tree of a root.</summary>
    public static Run WithParent(this Run run, string root) => run.NextVersion(next => (next.ParentRunId, next.RootRunId) = (root, root));

    /// <summary>
    /// Compares every member, times with their offset. Does not compare the embedded events and the token of the last
    /// append, which only one of the stores has.
    /// </summary>
    public static void AssertEqual(Run expected, Run? actual)
    {
        Assert.NotNull(actual);
        foreach (var member in typeof(Run).GetProperties().Where(
            member => member.Name is not nameof(Run.EmbeddedEvents) and not nameof(Run.LatestWriteToken)))
        {
            var (expectedValue, actualValue) = (member.GetValue(expected), member.GetValue(actual));
            Assert.True(
                AreEqual(expectedValue, actualValue), $"{member.Name} is {actualValue ?? "null"}, not {expectedValue ?? "null"}.");
        }
    }

    private static bool AreEqual(object? first, object? second) => (first, second) switch
    {
        (DateTimeOffset time, DateTimeOffset other) => time.EqualsExact(other),
        (IEnumerable items and not string, IEnumerable other) => items.Cast<object>().SequenceEqual(other.Cast<object>()),
        _ => Equals(first, second),
    };
}
