namespace Runs.Api.Claims;

/// <summary>The response to the renewal of one lease.</summary>
/// <param name="Run">The run with its new lease; null when the worker does not hold it: it must stop.</param>
public sealed record RenewLeaseResponse(ClaimedRunResource? Run);
