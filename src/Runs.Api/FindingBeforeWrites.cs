using Runs.Store;

namespace Runs.Api;

/// <summary>Reads of a run before and after a command on it.</summary>
internal static class FindingBeforeWrites
{
    /// <summary>
    /// As <see cref="IRunStore.FindHead"/>, but absence is verified: for some seconds after a change of MongoDB's primary a read may miss a run, and
    /// no write follows "no such run" that would notice.
    /// </summary>
    public static async Task<Run?> FindBeforeWrite(this IRunStore store, Guid id, CancellationToken cancellationToken) =>
        await store.FindHead(id, cancellationToken) is { Status: not Run.CalledOff } run
            ? run
            : await store.FindLatest(id, cancellationToken);

    /// <summary>The run as of the acknowledged command. Find may be seconds behind after a change of MongoDB's primary.</summary>
    /// <exception cref="StoreUnavailableException">The run was not read. The command was carried out, so it is not said that nothing was written.</exception>
    public static async Task<Run> FindAfterWrite(this IRunStore store, Guid id, CancellationToken cancellationToken)
    {
        try
        {
            return (await store.FindLatest(id, cancellationToken))!;
        }
        catch (StoreUnavailableException failure) when (failure.NothingWritten)
        {
            throw new StoreUnavailableException(failure.Message, failure);
        }
    }
}
