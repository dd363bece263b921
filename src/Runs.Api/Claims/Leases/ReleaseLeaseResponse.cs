using Runs.Contracts;

namespace Runs.Api.Claims;

/// <summary>The response to a release.</summary>
/// <param name="Released">Whether this call ended the attempt. False for a repeat.</param>
/// <param name="Run">The current run.</param>
public sealed record ReleaseLeaseResponse(bool Released, RunResource Run) : IRunResponse;
