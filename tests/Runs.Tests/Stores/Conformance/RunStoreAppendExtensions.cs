using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>Appends to a run as it was read.</summary>
public static class RunStoreAppendExtensions
{
    /// <summary>Returns whether the events were appended.</summary>
    public static async Task<bool> TryAppend(
        this IRunStore store, Run run, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken) =>
        await store.TryAppend(RunHead.From(run), events, cancellationToken) is not null;
}
