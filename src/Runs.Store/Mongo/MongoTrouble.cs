using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>Which of the driver's exceptions say that the database cannot be used now, or that a write is not confirmed.</summary>
internal sealed class MongoTrouble(StoreAvailability availability)
{
    // The server's error codes for a change of primary, a shutdown, a network or a time limit between its nodes, and a full disk.
    // https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
    private static readonly HashSet<int> Codes =
    [
        6, 7, 43, 50, 63, 64, 89, 91, 100, 112, 133, 134, 150, 175, 189, 202, 262, 384, 462, 9001, 10058, 10107, 11600, 11602, 13388, 13435, 13436, 14031,
    ];

    /// <summary>The outcome of <paramref name="call"/>, with trouble that passes told as the store's.</summary>
    public async Task<T> Told<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (Exception trouble) when (Passes(trouble))
        {
            availability.ReportFailure();
            throw new StoreUnavailableException($"MongoDB did not answer: {trouble.Message}", trouble);
        }
    }

    /// <inheritdoc cref="Told{T}"/>
    public Task Told(Task call)
    {
        return Told(Wait());

        async Task<bool> Wait()
        {
            await call;
            return true;
        }
    }

    /// <summary>Whether the same call may succeed later. A write that was done but not confirmed counts: it may be undone by a change of primary.</summary>
    internal static bool Passes(Exception trouble) => trouble switch
    {
        TimeoutException => true, // no server was found, or no connection was free
        MongoConnectionException or MongoConnectionPoolPausedException or MongoWaitQueueFullException => true,
        MongoNotPrimaryException or MongoNodeIsRecoveringException or MongoExecutionTimeoutException or MongoCursorNotFoundException => true,
        MongoWriteConcernException => trouble is not MongoDuplicateKeyException, // which the driver derives from it
        MongoWriteException { WriteConcernError: not null } => true, // also with a duplicate key: the run that is there may yet be undone
        MongoWriteException { WriteError: { } error } => error.Category == ServerErrorCategory.ExecutionTimeout || Codes.Contains(error.Code),
        MongoBulkWriteException bulk => bulk.WriteConcernError is not null || bulk.WriteErrors.Any(error => Codes.Contains(error.Code)),
        MongoCommandException command => Codes.Contains(command.Code),
        _ => false,
    }
    || (trouble is MongoException labelled
        && (labelled.HasErrorLabel("RetryableWriteError") || labelled.HasErrorLabel("TransientTransactionError") || labelled.HasErrorLabel("RetryableError")));
}
