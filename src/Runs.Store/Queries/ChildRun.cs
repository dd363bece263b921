namespace Runs.Store;

/// <summary>A run that has a parent, in a list of a tree.</summary>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="RunId">The run's <see cref="Run.RunId"/>.</param>
/// <param name="ParentRunId">The <see cref="Run.RunId"/> of its parent.</param>
/// <param name="Status">The run's <see cref="Run.Status"/>.</param>
/// <param name="CreatedAt">
/// With <paramref name="Id"/>, the run's position among the children of its parent, and in its tree.
/// </param>
public sealed record ChildRun(Guid Id, string RunId, string ParentRunId, string Status, DateTimeOffset CreatedAt);
