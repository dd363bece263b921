namespace Runs.Store;

/// <summary>A pool that has ready runs.</summary>
/// <param name="Tenant">The tenant of the pool.</param>
/// <param name="Name">The pool: <see cref="Run.ClaimPool"/> of its runs.</param>
/// <param name="First">The run that is to be claimed first.</param>
public sealed record ReadyPool(string Tenant, string Name, ClaimCandidate First);
