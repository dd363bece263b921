using Microsoft.Extensions.Logging;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Which of the driver's exceptions say that the database cannot be used now, or that a write is not confirmed: all that a server or a connection causes, but for the few codes
/// that say that the call itself is wrong.
/// </summary>
/// <param name="availability">Told of each failure.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Where faults that only a person can mend are logged.</param>
/// <param name="advise">What is wrong with the connection string, judging by a failure; null when nothing is.</param>
internal sealed partial class MongoTrouble(
    StoreAvailability availability, TimeProvider clock, ILogger logger, Func<Exception, string?>? advise = null)
{
    // A fault that has not been seen for so long is news again.
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private int _reportedCode;
    private long _lastSeen;

    /// <summary>The outcome of <paramref name="call"/>, with trouble that passes told as the store's.</summary>
    public async Task<T> Told<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (Exception trouble) when (Passes(trouble))
        {
            var advice = advise?.Invoke(trouble) is { } text ? $"{text} " : "";
            var unavailable = new StoreUnavailableException($"{advice}MongoDB did not carry out the call: {trouble.Message}", trouble);
            Report(unavailable);
            throw unavailable;
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
        MongoWriteConcernException => trouble is not MongoDuplicateKeyException, // which the driver derives from it
        MongoWriteException { WriteConcernError: not null } => true, // also with a duplicate key: the run that is there may yet be undone
        MongoBulkWriteException { WriteConcernError: not null } => true,
        MongoServerException server => !Codes(server).Any() || Codes(server).Any(code => !MongoErrorCodes.IsPermanent(code)),
        _ => false,
    };

    /// <summary>Tells the operator, once and not in every call, what only a person can mend.</summary>
    private void Report(Exception trouble)
    {
        availability.ReportFailure();
        if (Codes(trouble).FirstOrDefault(MongoErrorCodes.NeedsOperator) is not (not 0 and var code))
        {
            return;
        }

        bool isNews;
        lock (_lock)
        {
            isNews = code != _reportedCode || clock.GetElapsedTime(_lastSeen) > Silence;
            (_reportedCode, _lastSeen) = (code, clock.GetTimestamp());
        }

        if (isNews)
        {
            LogNeedsOperator(code, trouble);
        }
    }

    // An authentication that fails is the cause of a connection that fails, and that of a timeout.
    private static IEnumerable<int> Codes(Exception? trouble) => trouble switch
    {
        MongoWriteException { WriteError: { } error } => [error.Code],
        MongoBulkWriteException bulk => bulk.WriteErrors.Select(error => error.Code),
        MongoCommandException command => [command.Code],
        MongoAuthenticationException { InnerException: not MongoCommandException } => [MongoErrorCodes.AuthenticationFailed],
        { InnerException: { } cause } => Codes(cause),
        _ => [],
    };

    [LoggerMessage(
        LogLevel.Critical, "MongoDB refuses what the service needs (code {Code}). Commands are kept and tried again; only a change of rights, quota or server mends this")]
    private partial void LogNeedsOperator(int code, Exception trouble);
}
