using System.Text.Json;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>A valid body of a session.</summary>
internal sealed record SetSessionBody
{
    public required string SessionKey { get; init; }

    public required string Status { get; init; }

    public RawJson? Metadata { get; init; }

    public int? Attempt { get; init; }

    /// <summary>Reads a body. The problem has every error.</summary>
    public static Result<SetSessionBody> Parse(JsonElement json)
    {
        var errors = new List<ValidationError>();
        var body = new JsonObjectReader(json, "", errors);
        var status = body.GetString("status") ?? WorkerSessionStatuses.Active;
        errors.AddIfInvalid("/status", FieldRules.CheckOneOf(status, WorkerSessionStatuses.All));
        var session = new SetSessionBody
        {
            SessionKey = body.GetRequiredSingleLine("session_key", FieldLimits.MaxSessionKeyLength) ?? "",
            Status = status,
            Metadata = body.GetMetadata(FieldLimits.MaxSessionMetadataBytes),
            Attempt = body.GetAttempt(),
        };
        return errors.Count > 0 ? Problems.ValidationFailed(errors) : session;
    }

    /// <summary>The session of <paramref name="run"/> after this body.</summary>
    public WorkerSession Apply(Run run, CallingWorker worker, DateTimeOffset now) => new()
    {
        Id = run.WorkerSession?.Id ?? RunIds.Derive(run.Id, "worker-session"),
        SessionKey = SessionKey,
        Status = Status,
        WorkerId = worker.LeaseOwner,
        ImplementationKind = worker.ImplementationKind,
        Metadata = Metadata ?? run.WorkerSession?.Metadata,
        CreatedAt = run.WorkerSession?.CreatedAt ?? now,
        UpdatedAt = now,
        EndedAt = Status == WorkerSessionStatuses.Active ? null : now,
    };
}
