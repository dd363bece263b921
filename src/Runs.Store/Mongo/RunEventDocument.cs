using Runs.Contracts;

namespace Runs.Store.Mongo;

/// <summary>
/// An archived event in <c>run_events</c>, with the names of the HTTP API. Its id is derived from the run and the event
/// id, so that archiving an event again has no effect.
/// </summary>
internal sealed record RunEventDocument(
    Guid Id,
    string Tenant,
    string RunId,
    long EventId,
    string EventType,
    bool Public,
    long? ExternalSequence,
    DateTimeOffset CreatedAt,
    RawJson Event)
{
    public static RunEventDocument Create(Run run, RunEvent runEvent) => new(
        RunIds.Derive(run.Id, $"event/{runEvent.EventId}"),
        run.Tenant,
        run.RunId,
        runEvent.EventId,
        runEvent.EventType,
        runEvent.Public,
        runEvent.ExternalSequence,
        runEvent.CreatedAt,
        runEvent.Event);

    public RunEvent ToRunEvent() => new(EventId, EventType, Public, ExternalSequence, CreatedAt, Event);
}
