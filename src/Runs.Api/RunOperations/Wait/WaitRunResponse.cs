using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>The response to a wait.</summary>
/// <param name="Waiting">Whether the run is waiting.</param>
/// <param name="Run">The current run.</param>
public sealed record WaitRunResponse(bool Waiting, RunResource Run) : IRunResponse;
