namespace Runs.Tests.Client;

/// <summary>A run that a heartbeat names.</summary>
public sealed record HeldRunResponse(string RunId, int Attempt, DateTimeOffset? LeaseExpiresAt, string? Status);
