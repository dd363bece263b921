namespace Runs.Tests.Lifecycle;

/// <summary>One step of a <see cref="Scenario"/>.</summary>
/// <param name="Kind">The operation.</param>
/// <param name="Run">The index of the run: 0 is the root, 1 its child, 2 its grandchild.</param>
/// <param name="Variant">Selects one of the contents of this operation.</param>
/// <param name="Mode">How it is sent.</param>
/// <param name="IsConcurrent">Whether it does not wait for the previous step.</param>
public sealed record Operation(OperationKind Kind, int Run, int Variant, SendMode Mode, bool IsConcurrent);
