using System.Text.Json;

namespace Runs.Api.Claims;

/// <summary>A valid body of a claim.</summary>
internal sealed record ClaimRunBody
{
    public int? LeaseSeconds { get; init; }

    public TimeSpan Wait { get; init; }

    public int? MaxRuns { get; init; }

    public string? InstanceId { get; init; }

    public bool IsFenced { get; init; }

    public bool IsHeadless { get; init; }

    /// <summary>Reads a body. The problem has every error.</summary>
    public static Result<ClaimRunBody> Parse(JsonElement json)
    {
        var errors = new List<ValidationError>();
        var body = new JsonObjectReader(json, "", errors);
        var claim = new ClaimRunBody
        {
            LeaseSeconds = body.GetLeaseSeconds(),
            Wait = body.GetWait(),
            MaxRuns = (int?)body.GetInteger("max_runs", 1, FieldLimits.MaxRunsPerClaim),
            InstanceId = body.GetSingleLine("instance_id", FieldLimits.MaxIdLength),
            IsFenced = body.GetBoolean("fenced"),
            IsHeadless = body.GetBoolean("headless"),
        };
        return errors.Count > 0 ? Problems.ValidationFailed(errors) : claim;
    }
}
