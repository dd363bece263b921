using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>The response to a wait.</summary>
/// <param name="Waiting">Whether the run is waiting.</param>
/// <param name="InputRequestId">The input request of the tool call; null for a wait without a form.</param>
/// <param name="Run">The current run.</param>
public sealed record WaitRunResponse(bool Waiting, [property: Uuid] string? InputRequestId, RunResource Run) : IRunResponse;
