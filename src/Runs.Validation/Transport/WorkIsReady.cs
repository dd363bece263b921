namespace Runs.Validation;

/// <summary>
/// Notifies processes of the api role that runs have become ready, so that claims that wait for them need not wait for
/// the next read of the store. The message may be lost.
/// </summary>
/// <param name="Tenants">The pools of these runs, by tenant.</param>
internal sealed record WorkIsReady(IReadOnlyList<ReadyPools> Tenants);
