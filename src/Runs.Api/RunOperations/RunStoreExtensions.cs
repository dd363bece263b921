using Runs.Store;

namespace Runs.Api.RunOperations;

/// <summary>Reads of a run before and after a command on it.</summary>
internal static class RunStoreExtensions
{
    /// <summary>
    /// As <see cref="IRunStore.FindWithoutPayload"/>, but verifies absence with a linearizable read: for some seconds
    /// after a MongoDB failover a read may miss a run, and no write follows a "not found" that would detect it.
    /// </summary>
    public static async Task<Run?> FindBeforeWrite(this IRunStore store, Guid id, CancellationToken cancellationToken) =>
        await store.FindWithoutPayload(id, cancellationToken) is { Status: not Run.CancellationPending } run
            ? run
            : await store.FindLinearizable(id, cancellationToken);

    /// <summary>
    /// Reads the run at least as of the acknowledged command. Find may be seconds behind after a MongoDB failover.
    /// </summary>
    /// <exception cref="StoreUnavailableException">
    /// The run was not read. The command was executed, so NothingWritten is not set.
    /// </exception>
    public static async Task<Run> FindAfterWrite(this IRunStore store, Guid id, CancellationToken cancellationToken)
    {
        try
        {
            return await store.FindLinearizable(id, cancellationToken)
                ?? throw new InvalidOperationException("The run of an acknowledged command does not exist.");
        }
        catch (StoreUnavailableException exception) when (exception.NothingWritten)
        {
            throw new StoreUnavailableException(exception.Message, exception);
        }
    }
}
