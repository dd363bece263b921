namespace Runs.Api.RunOperations;

/// <summary>The attempts of a run.</summary>
/// <param name="Data">The last 50, oldest first.</param>
public sealed record ListAttemptsResponse(IReadOnlyList<AttemptResource> Data);
