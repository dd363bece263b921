namespace Runs.Api.Events;

/// <summary>
/// Notifies other processes of the api role that events were appended to a run's log. The message may be lost:
/// subscriptions poll, too.
/// </summary>
internal sealed record RunLogAppended(string Tenant, string RunId, Guid Origin);
