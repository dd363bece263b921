namespace Runs.Benchmarks.Subjects.MassTransitDefaults;

/// <summary>The response.</summary>
public sealed record RunSubmitted(
    string RunId,
    string Kind,
    string Status,
    string OwnerKind,
    string OwnerId,
    string Request,
    DateTime CreatedAt,
    bool Duplicate)
{
    internal static RunSubmitted FromSaga(MassTransitRunSaga run, bool duplicate) =>
        new(run.RunId, run.Kind, run.CurrentState, run.OwnerKind, run.OwnerId, run.Request, run.CreatedAt, duplicate);
}
