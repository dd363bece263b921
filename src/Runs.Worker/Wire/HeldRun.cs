namespace Runs.Worker;

/// <summary>An attempt that this process holds.</summary>
internal sealed record HeldRun(string RunId, int Attempt);
