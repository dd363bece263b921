namespace Runs.Api.Events;

/// <summary>
/// Notifies other processes of the api role that events were appended to the logs of runs. The message may be lost:
/// subscriptions poll, too.
/// </summary>
/// <param name="Ids">The ids of the stored runs, which are derived from tenant and run id.</param>
/// <param name="Origin">The process that appended.</param>
internal sealed record RunLogsAppended(IReadOnlyList<Guid> Ids, Guid Origin);
