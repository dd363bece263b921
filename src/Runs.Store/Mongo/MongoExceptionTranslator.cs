using Microsoft.Extensions.Logging;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Translates the driver's transient exceptions to <see cref="StoreUnavailableException"/>. Transient are all
/// exceptions of servers and connections, and unconfirmed writes, except for the few error codes that mean that the
/// call itself is invalid.
/// </summary>
/// <param name="availability">Receives a report of each failure.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Logs failures that only an operator can resolve.</param>
/// <param name="getAdvice">
/// Returns what is likely wrong with the connection string, given a failure; null when nothing is known to be wrong.
/// </param>
internal sealed partial class MongoExceptionTranslator(
    StoreAvailability availability, TimeProvider clock, ILogger logger, Func<Exception, string?>? getAdvice = null)
{
    // A failure that has not occurred for this long is logged again.
    private static readonly TimeSpan LogAgainAfter = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private int _lastCode;
    private long _lastSeenAt;

    /// <summary>
    /// Awaits <paramref name="call"/> and rethrows transient driver exceptions as
    /// <see cref="StoreUnavailableException"/>.
    /// </summary>
    public async Task<T> Translate<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (Exception exception) when (IsTransient(exception))
        {
            var advice = getAdvice?.Invoke(exception) is { } text ? $"{text} " : "";
            var unavailable = new StoreUnavailableException($"{advice}MongoDB did not carry out the call: {exception.Message}", exception);
            ReportFailure(unavailable);
            throw unavailable;
        }
    }

    /// <inheritdoc cref="Translate{T}"/>
    public Task Translate(Task call)
    {
        return Translate(ReturnTrue());

        async Task<bool> ReturnTrue()
        {
            await call;
            return true;
        }
    }

    /// <summary>
    /// Returns whether the same call may succeed later. This includes a write that was executed but not confirmed,
    /// because a failover may roll it back.
    /// </summary>
    internal static bool IsTransient(Exception exception) => exception switch
    {
        TimeoutException => true, // no server was found, or no connection was free
        MongoConnectionException or MongoConnectionPoolPausedException or MongoWaitQueueFullException => true,
        MongoWriteConcernException => exception is not MongoDuplicateKeyException, // which is a subclass in the driver
        MongoWriteException { WriteConcernError: not null } => true, // also with a duplicate key: a failover may roll back that run
        MongoBulkWriteException { WriteConcernError: not null } => true,
        MongoServerException server => !GetErrorCodes(server).Any() || GetErrorCodes(server).Any(code => !MongoErrorCodes.IsPermanent(code)),
        _ => false,
    };

    /// <summary>Reports the failure, and logs one that only an operator can resolve once, not for every call.</summary>
    private void ReportFailure(Exception exception)
    {
        availability.ReportFailure();
        if (GetErrorCodes(exception).FirstOrDefault(MongoErrorCodes.NeedsOperator) is not (not 0 and var code))
        {
            return;
        }

        bool isNew;
        lock (_lock)
        {
            isNew = code != _lastCode || clock.GetElapsedTime(_lastSeenAt) > LogAgainAfter;
            (_lastCode, _lastSeenAt) = (code, clock.GetTimestamp());
        }

        if (isNew)
        {
            LogNeedsOperator(code, exception);
        }
    }

    // Follows inner exceptions: a failed authentication is the cause of a connection failure, which is the cause of a
    // timeout.
    private static IEnumerable<int> GetErrorCodes(Exception? exception) => exception switch
    {
        MongoWriteException { WriteError: { } error } => [error.Code],
        MongoBulkWriteException bulk => bulk.WriteErrors.Select(error => error.Code),
        MongoCommandException command => [command.Code],
        MongoAuthenticationException { InnerException: not MongoCommandException } => [MongoErrorCodes.AuthenticationFailed],
        { InnerException: { } cause } => GetErrorCodes(cause),
        _ => [],
    };

    [LoggerMessage(
        LogLevel.Critical,
        "MongoDB rejected a required operation (code {Code}). Commands are kept and retried; "
        + "only a change of permissions, quota or server resolves this")]
    private partial void LogNeedsOperator(int code, Exception exception);
}
