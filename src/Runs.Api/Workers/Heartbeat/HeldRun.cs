namespace Runs.Api.Workers;

/// <summary>A run that a worker names in its heartbeat.</summary>
internal readonly record struct HeldRun(string RunId, int Attempt);
