namespace Runs.Tests.Client;

/// <summary>
/// The response to a complete. <paramref name="Completed"/> is whether the run has the requested outcome.
/// </summary>
public sealed record CompletedRun(bool Completed, ApiRun Run);
