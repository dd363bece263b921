using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>Valid schedules to store. A test sets the members that it is about.</summary>
public static class TestSchedules
{
    public const string Project = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";

    /// <summary>Creates an active schedule of a task with a new id, whose next fire is at noon.</summary>
    public static Schedule Create(string cron = "0 12 * * *", string timezone = "UTC", string tenant = "dev") => new()
    {
        Id = Guid.CreateVersion7(),
        Tenant = tenant,
        ProjectId = Project,
        Name = "Nightly",
        Status = ScheduleStatuses.Active,
        Target = new ScheduleTarget { Kind = RunKinds.Task, Id = "rebuild-index" },
        Cron = cron,
        Timezone = timezone,
        TimeoutSeconds = 300,
        BackoffLimit = 3,
        ConcurrencyPolicy = ConcurrencyPolicies.Forbid,
        CatchUp = CatchUpPolicies.Latest,
        CatchUpWindowSeconds = 86_400,
        StartWithinSeconds = 3_600,
        DefinitionSource = DefinitionSources.Manual,
        CreatedAt = TestRuns.Noon.AddDays(-1),
        UpdatedAt = TestRuns.Noon.AddDays(-1),
        NextFireAt = TestRuns.Noon,
        DueAt = TestRuns.Noon,
    };

    /// <summary>Creates a schedule with a different value in every member.</summary>
    public static Schedule CreateFull() => Create() with
    {
        Version = 7_000_000_000,
        Name = "Ein Plan, täglich 🕰 \"quoted\"",
        Status = ScheduleStatuses.Paused,
        Target = new ScheduleTarget
        {
            Kind = RunKinds.Agent,
            Id = "writer",
            ConversationMode = ConversationModes.Existing,
            ConversationId = "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001",
        },
        RuntimeTargetKind = "environment",
        RuntimeTargetEnvironmentId = "environment",
        RuntimeTargetBranchId = "branch",
        Config = new RawJson("""{"$set":1e400,"a.b":null}"""),
        MaxRuns = 5,
        DefinitionSource = DefinitionSources.Source,
        SourceTriggerId = "nightly",
        SourcePath = "schedules/nightly.ts",
        SourceHash = "hash",
        CreatedBy = "creator",
        RunAsUserId = "user",
        PausedAt = TestRuns.Noon.AddHours(1),
        PausedReason = "reason",
        CursorAt = TestRuns.Noon.AddHours(2),
        Firing = new ScheduleFiring
        {
            At = TestRuns.Noon.AddHours(3),
            Decision = ScheduleDecisions.Replace,
            DecidedAt = TestRuns.Noon.AddHours(4),
            ReplacedRunIds = ["run-1", "run-2"],
        },
        LastScheduledAt = TestRuns.Noon.AddHours(5),
        RunCount = 1,
        MissedCount = 2,
        LastMissedAt = TestRuns.Noon.AddHours(6),
        SkippedCount = 3,
        LastSkippedAt = TestRuns.Noon.AddHours(7),
        CompletedAt = TestRuns.Noon.AddHours(8),
        Health = ScheduleHealths.Failing,
        LastSuccessfulAt = TestRuns.Noon.AddHours(9),
        LastFailureAt = TestRuns.Noon.AddHours(10),
        LastFailureCode = "code",
        LastFailureMessage = "message",
        LastFailureRunId = "run-3",
        DueAt = TestRuns.Noon.AddMilliseconds(1),
    };
}
