namespace Runs.Api.Claims;

/// <summary>The response to a change of a session.</summary>
/// <param name="Session">The stored session.</param>
public sealed record SetSessionResponse(WorkerSessionResource Session);
