namespace Runs.Tests.Client;

/// <summary>The response to the registration of a worker.</summary>
public sealed record RegisteredWorker(ApiWorker Worker, string Token);
