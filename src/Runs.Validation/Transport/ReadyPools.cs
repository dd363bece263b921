namespace Runs.Validation;

/// <summary>The pools of a tenant in which runs have become ready.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Pools">The names of the pools, and of the pools of kinds.</param>
internal sealed record ReadyPools(string Tenant, IReadOnlyList<string> Pools);
