namespace Runs.Benchmarks.Subjects.MassTransitDefaults;

/// <summary>The command.</summary>
public sealed record SubmitRun(
    Guid CorrelationId,
    string RunId,
    string Kind,
    string OwnerKind,
    string OwnerId,
    string Request);
