namespace Runs.Tests.Client;

/// <summary>The response to a wait. <paramref name="Waiting"/> tells whether the run waits.</summary>
public sealed record WaitingRun(bool Waiting, ApiRun Run);
