namespace Runs.Tests.Client;

/// <summary>The response to a cancel. <paramref name="Cancelled"/> tells whether this call cancelled the run.</summary>
public sealed record CancelledRun(bool Cancelled, ApiRun Run);
