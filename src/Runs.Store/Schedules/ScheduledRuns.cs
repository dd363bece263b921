using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Runs.Contracts;

namespace Runs.Store;

/// <summary>
/// The creates of a schedule's runs. The run id is derived from what the run is for, so that a repeat creates no second
/// run.
/// </summary>
public static class ScheduledRuns
{
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns the run id of a fire: <c>sched_&lt;id&gt;_20271031T003000Z</c>.</summary>
    public static string GetRunId(Guid scheduleId, DateTimeOffset fireAt) =>
        string.Create(CultureInfo.InvariantCulture, $"sched_{scheduleId:N}_{fireAt.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");

    /// <summary>Returns the run id of a run by hand; the same for the same <paramref name="idempotencyKey"/>.</summary>
    public static string GetManualRunId(Guid scheduleId, string idempotencyKey)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey));
        return $"sched_{scheduleId:N}_m_{Convert.ToHexStringLower(hash.AsSpan(0, 16))}";
    }

    /// <summary>Creates the command for the run of a fire.</summary>
    public static CreateRun CreateForFire(Schedule schedule, DateTimeOffset fireAt) =>
        Create(schedule, GetRunId(schedule.Id, fireAt), schedule.Name, fireAt) with
        {
            TriggerKind = TriggerKinds.Schedule,
            CreatedBy = schedule.RunAsUserId ?? schedule.CreatedBy,
            Actor = new Actor { Type = ActorTypes.System, Id = schedule.Id.ToString() },
        };

    /// <summary>Creates the command for a run by hand. The caller adds who requests it.</summary>
    public static CreateRun CreateByHand(Schedule schedule, string runId, string? runName) =>
        Create(schedule, runId, runName ?? schedule.Name, fireAt: null) with { TriggerKind = TriggerKinds.Manual };

    private static CreateRun Create(Schedule schedule, string runId, string name, DateTimeOffset? fireAt) => new()
    {
        Tenant = schedule.Tenant,
        RunId = runId,
        Kind = schedule.Target.Kind,
        Owner = new Owner { Kind = OwnerKinds.Project, Id = schedule.ProjectId },
        ConversationMode = schedule.Target.ConversationMode,
        ConversationId = schedule.Target.ConversationId,
        Request = WriteRequest(schedule, name, fireAt),
        TriggerId = schedule.Id.ToString(),
        ScheduleId = schedule.Id.ToString(),
    };

    private static RawJson WriteRequest(Schedule schedule, string name, DateTimeOffset? fireAt)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonOptions))
        {
            json.WriteStartObject();
            WriteTarget(json, schedule, name);
            json.WriteNumber("timeout_seconds", schedule.TimeoutSeconds);
            json.WriteNumber("backoff_limit", schedule.BackoffLimit);
            json.WriteNumber("start_within_seconds", schedule.StartWithinSeconds);
            WriteText(json, "runtime_target_kind", schedule.RuntimeTargetKind);
            WriteText(json, "runtime_target_environment_id", schedule.RuntimeTargetEnvironmentId);
            WriteText(json, "runtime_target_branch_id", schedule.RuntimeTargetBranchId);
            if (fireAt is { } time)
            {
                json.WriteString("scheduled_for", time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            }

            json.WriteEndObject();
        }

        return new RawJson(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteTarget(Utf8JsonWriter json, Schedule schedule, string name)
    {
        var target = schedule.Target;
        switch (target.Kind)
        {
            case RunKinds.Task:
                json.WriteString("target", $"{target.Kind}:{target.Id}");
                json.WriteString("name", name);
                WriteObject(json, "config", schedule.Config);
                break;
            case RunKinds.Workflow:
                json.WriteString("workflow_id", target.Id);
                json.WriteString("target", $"{target.Kind}:{target.Id}");
                WriteObject(json, "input", schedule.Config);
                break;
            default:
                json.WriteString("agent_id", target.Id);
                WriteObject(json, "input", schedule.Config ?? new RawJson("{}")); // without an input, the run would be a reservation
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter json, string name, RawJson? value)
    {
        if (value is { } content)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(content.Text, skipInputValidation: true);
        }
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
