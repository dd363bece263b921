using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>The response to a complete.</summary>
/// <param name="Completed">
/// Whether the run ended with the requested status. False when it had already ended with another one.
/// </param>
/// <param name="Run">The current run.</param>
public sealed record CompleteRunResponse(bool Completed, RunResource Run) : IRunResponse;
