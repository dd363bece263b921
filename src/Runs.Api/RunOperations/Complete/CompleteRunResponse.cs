using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>The response to a complete.</summary>
/// <param name="Completed">
/// Whether the run ended with the requested status. False when it had already ended with another one, or when the named
/// attempt is not the last one.
/// </param>
/// <param name="Retrying">Whether only the attempt ended, and the run is executed again.</param>
/// <param name="NextAttemptAt">
/// The time before which the next attempt does not begin; null when it may begin at once, and when there is none.
/// </param>
/// <param name="Run">The current run.</param>
public sealed record CompleteRunResponse(bool Completed, bool Retrying, DateTimeOffset? NextAttemptAt, RunResource Run) : IRunResponse;
