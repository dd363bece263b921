namespace Runs.Store.Mongo;

/// <summary>Events of one run to archive, in the order of their ids.</summary>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="Tenant">The run's tenant.</param>
/// <param name="RunId">The run's id in its tenant.</param>
/// <param name="Events">At least one event; ids that other processes archive are missing.</param>
internal sealed record ArchiveEntry(Guid Id, string Tenant, string RunId, IReadOnlyList<RunEvent> Events)
{
    /// <summary>Returns an entry for events of a run.</summary>
    public static ArchiveEntry From(Run run, IReadOnlyList<RunEvent> events) => new(run.Id, run.Tenant, run.RunId, events);
}
