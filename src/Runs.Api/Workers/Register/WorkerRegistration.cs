using System.Text.Json;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Workers;

/// <summary>A valid body of a registration.</summary>
internal sealed record WorkerRegistration
{
    public required string ImplementationKind { get; init; }

    public required string WorkerKey { get; init; }

    public string? ImplementationDisplayName { get; init; }

    public string? DisplayName { get; init; }

    /// <summary>Without duplicates, in the order in which they were sent.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    public int? MaxConcurrentRuns { get; init; }

    public RawJson? Metadata { get; init; }

    /// <summary>Reads a body. The problem has every error.</summary>
    public static Result<WorkerRegistration> Parse(JsonElement json)
    {
        var errors = new List<ValidationError>();
        var body = new JsonObjectReader(json, "", errors);
        var registration = new WorkerRegistration
        {
            ImplementationKind = body.GetRequiredToken(
                "implementation_kind", FieldLimits.MaxImplementationKindLength, FieldLimits.ImplementationKindCharacters) ?? "",
            WorkerKey = body.GetRequiredToken("worker_key", FieldLimits.MaxIdLength, FieldLimits.WorkerKeyCharacters) ?? "",
            ImplementationDisplayName = body.GetSingleLine("implementation_display_name", FieldLimits.MaxWorkerNameLength),
            DisplayName = body.GetSingleLine("display_name", FieldLimits.MaxWorkerNameLength),
            Targets = ReadTargets(body, errors),
            MaxConcurrentRuns = (int?)body.GetInteger(
                "max_concurrent_runs", FieldLimits.MinConcurrentRuns, FieldLimits.MaxConcurrentRuns),
            Metadata = body.GetMetadata(FieldLimits.MaxWorkerMetadataBytes),
        };
        return errors.Count > 0 ? Problems.ValidationFailed(errors) : registration;
    }

    /// <summary>
    /// Returns the worker after the registration: a new one, or the next version of <paramref name="stored"/>, which is
    /// active again if it was revoked.
    /// </summary>
    public Worker Apply(Worker? stored, Guid id, Caller caller, string projectId, WorkerToken token, DateTimeOffset now)
    {
        var described = new Worker
        {
            Id = id,
            Tenant = caller.Tenant,
            ProjectId = projectId,
            ImplementationKind = ImplementationKind,
            ImplementationDisplayName = ImplementationDisplayName,
            WorkerKey = WorkerKey,
            DisplayName = DisplayName,
            Targets = [.. Targets],
            MaxConcurrentRuns = MaxConcurrentRuns,
            IsRestrictedToProject = caller.Projects is not null,
            Metadata = Metadata,
            Tokens = stored?.Tokens ?? [],
            CreatedAt = stored?.CreatedAt ?? now,
            UpdatedAt = now,
            LastHeartbeatAt = stored?.LastHeartbeatAt,
            Version = stored?.Version ?? 0,
        };
        return described.WithToken(token, now);
    }

    private static IReadOnlyList<string> ReadTargets(JsonObjectReader body, List<ValidationError> errors)
    {
        if (body.GetArray("targets") is not { } array)
        {
            return [];
        }

        if (array.GetArrayLength() > FieldLimits.MaxWorkerTargets)
        {
            body.AddError("targets", $"must not have more than {FieldLimits.MaxWorkerTargets} targets.");
            return [];
        }

        var targets = array.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString() : null).ToList();
        for (var i = 0; i < targets.Count; i++)
        {
            errors.AddIfInvalid($"/targets/{i}", TargetFormat.CheckWorkerTarget(targets[i]));
        }

        return [.. targets.OfType<string>().Distinct()];
    }
}
