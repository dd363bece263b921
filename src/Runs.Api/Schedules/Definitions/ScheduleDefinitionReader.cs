using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>Reads the definition of a schedule from a body, and adds an error for each invalid member.</summary>
internal static class ScheduleDefinitionReader
{
    /// <summary>The name of the cron expression in bodies.</summary>
    public const string CronName = "schedule";

    private const string TimezoneName = "timezone";
    private const int DefaultTimeoutSeconds = 300;
    private const int DefaultBackoffLimit = 3;
    private const int DefaultCatchUpWindowSeconds = 86_400;
    private const int DefaultStartWithinSeconds = 3_600;

    private static readonly string[] RequiredMembers = ["name", "target", CronName];

    /// <summary>Reads the body of a create.</summary>
    public static Schedule ReadNew(JsonObjectReader body, Guid id, string projectId, Caller caller, DateTimeOffset now)
    {
        foreach (var name in RequiredMembers)
        {
            if (body.IsObject && !body.HasValue(name))
            {
                body.AddError(name, "is required.");
            }
        }

        var schedule = ReadChanges(body, CreateDefault(id, projectId, caller, now));
        var trigger = body.GetSingleLine("source_trigger_id", FieldLimits.MaxNameLength);
        return schedule with
        {
            DefinitionSource = trigger is null ? DefinitionSources.Manual : DefinitionSources.Source,
            SourceTriggerId = trigger,
            SourcePath = body.GetSingleLine("source_path", FieldLimits.MaxNameLength),
            SourceHash = body.GetSingleLine("source_hash", FieldLimits.MaxNameLength),
        };
    }

    /// <summary>
    /// Applies the members of a body to the definition of <paramref name="current"/>, and checks the result as a whole
    /// if every member is valid.
    /// </summary>
    public static Schedule ReadChanges(JsonObjectReader body, Schedule current)
    {
        var changed = current with
        {
            Name = body.GetSingleLine("name", FieldLimits.MaxNameLength) ?? current.Name,
            Target = ReadTarget(body) ?? current.Target,
            Cron = body.GetSingleLine(CronName, FieldLimits.MaxCronLength) ?? current.Cron,
            Timezone = body.GetSingleLine(TimezoneName, FieldLimits.MaxTimezoneLength) ?? current.Timezone,
            Config = IsNull(body, "config") ? null : body.GetRawObject("config") ?? current.Config,
            TimeoutSeconds =
                (int?)body.GetInteger("timeout_seconds", FieldLimits.MinTimeoutSeconds, int.MaxValue) ?? current.TimeoutSeconds,
            BackoffLimit = (int?)body.GetInteger("backoff_limit", FieldLimits.MinBackoffLimit, int.MaxValue) ?? current.BackoffLimit,
            ConcurrencyPolicy = body.GetOneOf("concurrency_policy", ConcurrencyPolicies.All) ?? current.ConcurrencyPolicy,
            CatchUp = body.GetOneOf("catch_up", CatchUpPolicies.All) ?? current.CatchUp,
            CatchUpWindowSeconds = (int?)body.GetInteger(
                "catch_up_window_seconds", FieldLimits.MinCatchUpWindowSeconds, FieldLimits.MaxStartSeconds)
                ?? current.CatchUpWindowSeconds,
            StartWithinSeconds = (int?)body.GetInteger(
                "start_within_seconds", FieldLimits.MinStartWithinSeconds, FieldLimits.MaxStartSeconds) ?? current.StartWithinSeconds,
            MaxRuns = IsNull(body, "max_runs")
                ? null
                : (int?)body.GetInteger("max_runs", FieldLimits.MinMaxRuns, int.MaxValue) ?? current.MaxRuns,
        };
        if (body.HasValue("runtime_target_kind") || body.HasValue("runtime_target_environment_id")
            || body.HasValue("runtime_target_branch_id"))
        {
            changed = changed with
            {
                RuntimeTargetKind = body.GetOneOf(
                    "runtime_target_kind",
                    RunRequestParser.RuntimeTargetKinds,
                    RunRequestParser.FormerMainBranch,
                    RunRequestParser.MainBranch),
                RuntimeTargetEnvironmentId = body.GetUuid("runtime_target_environment_id"),
                RuntimeTargetBranchId = body.GetUuid("runtime_target_branch_id"),
            };
        }

        ReadCron(body, changed);
        return changed;
    }

    /// <summary>Parses the expression in its zone, or adds an error for the one that is invalid.</summary>
    public static CronSchedule? ReadCron(JsonObjectReader body, Schedule schedule) => ReadCron(body, schedule.Cron, schedule.Timezone);

    /// <inheritdoc cref="ReadCron(JsonObjectReader, Schedule)"/>
    public static CronSchedule? ReadCron(JsonObjectReader body, string expression, string timezone)
    {
        if (!TimeZones.TryFind(timezone, out var zone))
        {
            body.AddError(TimezoneName, "must be the IANA name of a time zone, such as Europe/Berlin.");
            zone = TimeZoneInfo.Utc;
        }

        if (!CronSchedule.TryParse(expression, zone, out var cron, out var error))
        {
            body.AddError(CronName, error);
        }

        return cron;
    }

    /// <summary>
    /// Returns the errors of the runs that the schedule would create, with their pointers into the body of the
    /// schedule.
    /// </summary>
    public static IReadOnlyList<ValidationError> FindRunErrors(Schedule schedule) =>
        schedule.Config?.Text.Length > FieldLimits.MaxScheduleConfigLength
            ? [new ValidationError("/config", $"must not have more than {FieldLimits.MaxScheduleConfigLength} characters.")]
            :
            [
                .. CreateRunValidator.Validate(ScheduledRuns.CreateForFire(schedule, schedule.CreatedAt), out _)
                    .Select(error => error with { Pointer = MapPointer(error.Pointer) }),
            ];

    private static string MapPointer(string pointer) => pointer switch
    {
        "/conversation_mode" or "/conversation_id" => $"/target{pointer}",
        "/request/target" or "/request/workflow_id" or "/request/agent_id" => "/target/id",
        "/request/input" => "/config",
        "" or "/request" => "/config",
        _ => pointer.Replace("/request/", "/", StringComparison.Ordinal),
    };

    private static ScheduleTarget? ReadTarget(JsonObjectReader body)
    {
        if (!body.TryGetReader("target", out var target))
        {
            return null;
        }

        if (!target.HasValue("kind"))
        {
            target.AddError("kind", "is required.");
        }

        return new ScheduleTarget
        {
            Kind = target.GetOneOf("kind", ScheduleTargetKinds.All) ?? "",
            Id = target.GetRequiredSingleLine("id", FieldLimits.MaxTargetIdLength) ?? "",
            ConversationMode = target.GetOneOf("conversation_mode", ConversationModes.All),
            ConversationId = target.GetUuid("conversation_id"),
        };
    }

    private static bool IsNull(JsonObjectReader body, string name) => body.IsObject && body.GetRawValue(name)?.Text == "null";

    /// <summary>Returns a schedule with the default of every member that has one.</summary>
    public static Schedule CreateDefault(Guid id, string projectId, Caller caller, DateTimeOffset now) => new()
    {
        Id = id,
        Tenant = caller.Tenant,
        ProjectId = projectId,
        Name = "",
        Status = ScheduleStatuses.Active,
        Target = new ScheduleTarget { Kind = RunKinds.Task, Id = "" },
        Cron = "@yearly",
        Timezone = "UTC",
        TimeoutSeconds = DefaultTimeoutSeconds,
        BackoffLimit = DefaultBackoffLimit,
        ConcurrencyPolicy = ConcurrencyPolicies.Forbid,
        CatchUp = CatchUpPolicies.Latest,
        CatchUpWindowSeconds = DefaultCatchUpWindowSeconds,
        StartWithinSeconds = DefaultStartWithinSeconds,
        DefinitionSource = DefinitionSources.Manual,
        CreatedBy = caller.UserId,
        CreatedAt = now,
        UpdatedAt = now,
    };
}
