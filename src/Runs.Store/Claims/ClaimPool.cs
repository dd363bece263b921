namespace Runs.Store;

/// <summary>A pool in which workers look for runs. <see cref="ClaimPools"/> creates it.</summary>
/// <param name="Name">The stored name.</param>
/// <param name="IsOfKind">
/// Whether it is the pool of a kind, whose name is in <see cref="Run.ClaimKindPool"/>, and not in
/// <see cref="Run.ClaimPool"/>.
/// </param>
public readonly record struct ClaimPool(string Name, bool IsOfKind = false);
