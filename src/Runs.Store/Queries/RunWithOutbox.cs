namespace Runs.Store;

/// <summary>A run whose outbox is not empty.</summary>
/// <param name="Tenant">The run's tenant.</param>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="Version">
/// The run's <see cref="Run.Version"/>. While it is unchanged, no message has been added to the outbox.
/// </param>
public sealed record RunWithOutbox(string Tenant, Guid Id, long Version);
