using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>Reads at most one document, as of the last acknowledged write.</summary>
internal static class LinearizableReads
{
    // Without a limit, a primary that has lost its majority would wait for it indefinitely.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Calls <paramref name="read"/> with a collection that reads linearizably, and with the time limit of the read.
    /// </summary>
    public static async Task<TResult> ReadLinearizable<TDocument, TResult>(
        this IMongoCollection<TDocument> collection, Func<IMongoCollection<TDocument>, TimeSpan?, Task<TResult>> read)
    {
        try
        {
            return await read(collection.WithReadConcern(ReadConcern.Linearizable), Timeout);
        }
        catch (MongoCommandException exception) when (exception.Code == MongoErrorCodes.NotAReplicaSet)
        {
            return await read(collection, null); // a standalone server is never behind
        }
    }
}
