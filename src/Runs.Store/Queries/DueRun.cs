namespace Runs.Store;

/// <summary>A run whose due time has passed.</summary>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="Tenant">The run's tenant.</param>
/// <param name="RunId">The run's <see cref="Run.RunId"/>.</param>
/// <param name="DueAt">The run's <see cref="Run.DueAt"/>.</param>
public sealed record DueRun(Guid Id, string Tenant, string RunId, DateTimeOffset DueAt);
