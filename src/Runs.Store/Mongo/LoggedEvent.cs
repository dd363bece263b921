using Runs.Contracts;

namespace Runs.Store.Mongo;

/// <summary>An event as it stands in <c>run_events</c>, under the names of the HTTP API. Its id follows from run and number, so that putting it there again changes nothing.</summary>
internal sealed record LoggedEvent(
    Guid Id, string Tenant, string RunId, long EventId, string EventType, bool Public, long? ExternalSequence, DateTimeOffset CreatedAt, RawJson Event)
{
    public static LoggedEvent Of(Run run, RunEvent logged) => new(
        RunKey.Derive(run.Id, $"event/{logged.EventId}"), run.Tenant, run.RunId, logged.EventId, logged.EventType, logged.Public, logged.ExternalSequence,
        logged.CreatedAt, logged.Event);

    public RunEvent ToEvent() => new(EventId, EventType, Public, ExternalSequence, CreatedAt, Event);
}
