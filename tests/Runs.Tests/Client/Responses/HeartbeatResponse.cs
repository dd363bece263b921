namespace Runs.Tests.Client;

/// <summary>The response to a heartbeat.</summary>
public sealed record HeartbeatResponse(ApiWorker Worker, string? Token = null, IReadOnlyList<HeldRunResponse>? Runs = null);
