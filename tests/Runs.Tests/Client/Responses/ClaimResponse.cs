namespace Runs.Tests.Client;

/// <summary>The response to a claim.</summary>
public sealed record ClaimResponse(ApiClaimedRun? Run, IReadOnlyList<ApiClaimedRun>? Runs = null);
