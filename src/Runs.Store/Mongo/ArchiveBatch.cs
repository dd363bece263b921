namespace Runs.Store.Mongo;

/// <summary>Runs to archive, and the memory of each run's events.</summary>
internal sealed record ArchiveBatch(IReadOnlyList<Run> Runs, IReadOnlyList<long> Bytes);
