namespace Runs.EndToEnd.Tests;

/// <summary>
/// Tests that run alone, after all others: they check how long the service takes to recover, and the processor is
/// theirs.
/// </summary>
[CollectionDefinition(nameof(WholeMachine), DisableParallelization = true)]
public sealed class WholeMachine;
