using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>Classifies the exceptions of the driver.</summary>
internal static class MongoExceptions
{
    /// <summary>
    /// Returns whether the same call may succeed later. This includes a write that was executed but not confirmed,
    /// because a failover may roll it back. Transient are all exceptions of servers and connections, except for the few
    /// error codes that mean that the call itself is invalid.
    /// </summary>
    public static bool IsTransient(Exception exception) => exception switch
    {
        TimeoutException => true, // no server was found, or no connection was free
        MongoConnectionException or MongoConnectionPoolPausedException or MongoWaitQueueFullException => true,
        MongoWriteConcernException => exception is not MongoDuplicateKeyException, // which is a subclass in the driver
        MongoWriteException { WriteConcernError: not null } => true, // also with a duplicate key: see IsDuplicateKey
        MongoBulkWriteException { WriteConcernError: not null } => true,
        MongoServerException server => GetErrorCodes(server).ToList() is var codes
            && (codes.Count == 0 || codes.Exists(code => !MongoErrorCodes.IsPermanent(code))),
        _ => false,
    };

    /// <summary>
    /// Returns whether all documents that were not inserted exist already. This is false without confirmation of a
    /// majority: a failover may roll the existing documents back.
    /// </summary>
    public static bool IsDuplicateKey(Exception exception) => exception switch
    {
        MongoWriteException { WriteError: { } error, WriteConcernError: null } => IsDuplicateKey(error),
        MongoBulkWriteException { WriteConcernError: null } bulk => bulk.WriteErrors.All(IsDuplicateKey),
        _ => false,
    };

    /// <summary>Returns whether a document was not inserted because one with its id exists.</summary>
    public static bool IsDuplicateKey(WriteError error) => error.Category == ServerErrorCategory.DuplicateKey;

    /// <summary>
    /// Returns the server's error codes. Follows inner exceptions: a failed authentication is the cause of a connection
    /// failure, which is the cause of a timeout.
    /// </summary>
    public static IEnumerable<int> GetErrorCodes(Exception? exception) => exception switch
    {
        MongoWriteException { WriteError: { } error } => [error.Code],
        MongoBulkWriteException bulk => bulk.WriteErrors.Select(error => error.Code),
        MongoCommandException command => [command.Code],
        MongoAuthenticationException { InnerException: not MongoCommandException } => [MongoErrorCodes.AuthenticationFailed],
        { InnerException: { } cause } => GetErrorCodes(cause),
        _ => [],
    };
}
