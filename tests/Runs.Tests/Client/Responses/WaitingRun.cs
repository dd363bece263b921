namespace Runs.Tests.Client;

/// <summary>The response to a wait. <paramref name="Waiting"/> is whether the run waits.</summary>
public sealed record WaitingRun(bool Waiting, ApiRun Run);
