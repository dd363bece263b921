using System.Text.Json;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>Applies the body of an update to a schedule.</summary>
internal static class ScheduleUpdate
{
    private static readonly string[] Statuses = [ScheduleStatuses.Active, ScheduleStatuses.Paused];

    /// <summary>Returns the updated schedule, with its next fire, or the problem of the body.</summary>
    public static Result<Schedule> Apply(JsonElement body, Schedule current, DateTimeOffset now)
    {
        if (current.Status == ScheduleStatuses.Deleting)
        {
            return Problems.ScheduleIsDeleting();
        }

        var errors = new List<ValidationError>();
        var fields = new JsonObjectReader(body, "", errors);
        var updated = ScheduleDefinitionReader.ReadChanges(fields, current);
        updated = ReadStatus(fields, updated, now);
        if (errors.Count == 0)
        {
            errors.AddRange(ScheduleDefinitionReader.FindRunErrors(updated));
        }

        return errors.Count > 0 ? Problems.ValidationFailed(errors) : WithNextFire(current, updated, now);
    }

    /// <summary>Adds an error for each member of a body that is invalid for every schedule.</summary>
    public static void ReadMembers(JsonObjectReader fields, Caller caller, DateTimeOffset now)
    {
        var any = ScheduleDefinitionReader.CreateDefault(Guid.Empty, "", caller, now) with { Status = ScheduleStatuses.Paused };
        ReadStatus(fields, ScheduleDefinitionReader.ReadChanges(fields, any), now);
    }

    private static Schedule ReadStatus(JsonObjectReader fields, Schedule schedule, DateTimeOffset now)
    {
        var status = fields.GetOneOf("status", Statuses) ?? schedule.Status;
        var reason = fields.GetSingleLine("paused_reason", FieldLimits.MaxNameLength);
        if (status == ScheduleStatuses.Active)
        {
            if (reason is not null)
            {
                fields.AddError("paused_reason", "is allowed with status paused only.");
            }

            return schedule with { Status = status, PausedAt = null, PausedReason = null };
        }

        return schedule with
        {
            Status = status,
            PausedAt = schedule.PausedAt ?? now,
            PausedReason = reason ?? schedule.PausedReason,
            NextFireAt = null,
        };
    }

    // Fires while the schedule was paused are not caught up. A fire that is decided is carried out in any case.
    private static Schedule WithNextFire(Schedule current, Schedule updated, DateTimeOffset now)
    {
        if (updated.Status != ScheduleStatuses.Active)
        {
            return updated;
        }

        var hasOtherTimes = updated.Cron != current.Cron || updated.Timezone != current.Timezone;
        if (hasOtherTimes || updated.NextFireAt is null)
        {
            return updated.StartAfter(CronSchedule.Parse(updated.Cron, updated.Timezone), now);
        }

        return updated.ContinueWith(updated.NextFireAt, now);
    }
}
