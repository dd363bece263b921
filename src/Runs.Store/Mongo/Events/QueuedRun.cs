namespace Runs.Store.Mongo;

/// <summary>A run whose events wait for archiving.</summary>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="Tenant">The run's tenant.</param>
/// <param name="Bytes">The size of the events, as they are stored.</param>
internal readonly record struct QueuedRun(Guid Id, string Tenant, long Bytes);
