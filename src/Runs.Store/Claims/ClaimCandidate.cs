namespace Runs.Store;

/// <summary>A run that was ready when it was read. Only a claim decides whether it still is.</summary>
/// <param name="RunId">The run's <see cref="Run.RunId"/>.</param>
/// <param name="Rank">The run's <see cref="Run.ClaimRank"/>: runs are claimed in the order of (rank, run id).</param>
public sealed record ClaimCandidate(string RunId, DateTimeOffset Rank);
