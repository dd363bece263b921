namespace Runs.Client.Tests;

/// <summary>Tests that need the thread pool for themselves.</summary>
[CollectionDefinition(nameof(X26StarvationTests), DisableParallelization = true)]
public sealed class StarvationTestGroup;
