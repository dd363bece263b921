namespace Runs.Tests.Client;

/// <summary>The response to a cancel. <paramref name="Cancelled"/> is whether this call cancelled the run.</summary>
public sealed record CancelledRun(bool Cancelled, ApiRun Run);
