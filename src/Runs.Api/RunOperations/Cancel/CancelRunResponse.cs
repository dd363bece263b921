using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>The response to a cancel.</summary>
/// <param name="Cancelled">Whether this call ended the run. False when it had already ended, with any status.</param>
/// <param name="Run">The current run.</param>
public sealed record CancelRunResponse(bool Cancelled, RunResource Run) : IRunResponse;
