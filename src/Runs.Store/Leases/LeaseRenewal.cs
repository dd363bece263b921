namespace Runs.Store;

/// <summary>A new end of a lease.</summary>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="Version">The run's version, which proves that its attempt is still current.</param>
/// <param name="ExpiresAt">The new <see cref="Run.LeaseExpiresAt"/>.</param>
/// <param name="DueAt">The new <see cref="Run.DueAt"/>.</param>
public sealed record LeaseRenewal(Guid Id, long Version, DateTimeOffset ExpiresAt, DateTimeOffset DueAt);
