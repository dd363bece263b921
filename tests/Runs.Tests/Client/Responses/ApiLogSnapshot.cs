namespace Runs.Tests.Client;

/// <summary>A compacted log, and the cursor at which its stream continues.</summary>
public sealed record ApiLogSnapshot(long AfterEventId, IReadOnlyList<ApiSnapshotEvent> Events);
