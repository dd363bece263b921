namespace Runs.Store.Mongo;

/// <summary>
/// A chunk of archived events in <c>run_events</c>, with the names of the HTTP API. Its id is derived from the run and
/// the id of the first event, so that a run has at most one chunk that begins with an event.
/// </summary>
internal sealed record EventChunkDocument(
    Guid Id, string Tenant, string RunId, long FirstEventId, long LastEventId, bool HasPublicEvents, List<RunEvent> Events)
{
    public static EventChunkDocument Create(ArchiveEntry run, EventChunk chunk) => new(
        RunIds.Derive(run.Id, $"events/{chunk.FirstEventId}"),
        run.Tenant,
        run.RunId,
        chunk.FirstEventId,
        chunk.LastEventId,
        chunk.HasPublicEvents,
        [.. chunk.Events]);
}
