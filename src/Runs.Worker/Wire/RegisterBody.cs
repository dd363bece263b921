namespace Runs.Worker;

/// <summary>The body of a registration.</summary>
internal sealed record RegisterBody(string ImplementationKind, string WorkerKey, IReadOnlyList<string> Targets, int MaxConcurrentRuns);
