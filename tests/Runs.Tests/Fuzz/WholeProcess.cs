namespace Runs.Tests.Fuzz;

/// <summary>Tests that measure the memory of the process: they run alone, after all others.</summary>
[CollectionDefinition(nameof(WholeProcess), DisableParallelization = true)]
public sealed class WholeProcess;
