using System.Text.Json;

namespace Runs.Api.Workers;

/// <summary>A valid body of a heartbeat.</summary>
internal sealed record SendHeartbeatBody
{
    public string? InstanceId { get; init; }

    /// <summary>Null when the body names none: the heartbeat then renews no lease.</summary>
    public IReadOnlyList<HeldRun>? Runs { get; init; }

    public int? LeaseSeconds { get; init; }

    public TimeSpan Wait { get; init; }

    /// <summary>Reads a body. The problem has every error.</summary>
    public static Result<SendHeartbeatBody> Parse(JsonElement json)
    {
        var errors = new List<ValidationError>();
        var body = new JsonObjectReader(json, "", errors);
        var heartbeat = new SendHeartbeatBody
        {
            InstanceId = body.GetSingleLine("instance_id", FieldLimits.MaxIdLength),
            Runs = ReadRuns(body, errors),
            LeaseSeconds = body.GetLeaseSeconds(),
            Wait = body.GetWait(),
        };
        return errors.Count > 0 ? Problems.ValidationFailed(errors) : heartbeat;
    }

    private static List<HeldRun>? ReadRuns(JsonObjectReader body, List<ValidationError> errors)
    {
        if (body.GetArray("runs") is not { } array)
        {
            return null;
        }

        if (array.GetArrayLength() > FieldLimits.MaxRunsPerHeartbeat)
        {
            body.AddError("runs", $"must not have more than {FieldLimits.MaxRunsPerHeartbeat} runs.");
            return null;
        }

        var runs = new List<HeldRun>();
        var ids = new HashSet<string>();
        foreach (var item in array.EnumerateArray())
        {
            var pointer = $"/runs/{runs.Count}";
            var run = new JsonObjectReader(item, pointer, errors);
            var id = run.GetRequiredString("run_id");
            errors.AddIfInvalid(
                $"{pointer}/run_id",
                id is null ? null : FieldRules.CheckRunId(id) ?? (ids.Add(id) ? null : "names a run that the list has already."));
            var attempt = run.GetRequiredInteger("attempt", FieldLimits.MinAttempt, int.MaxValue);
            runs.Add(new HeldRun(id ?? "", (int)(attempt ?? 0)));
        }

        return runs;
    }
}
