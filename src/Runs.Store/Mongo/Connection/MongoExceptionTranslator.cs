using Microsoft.Extensions.Logging;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>Translates the driver's transient exceptions; see <see cref="MongoExceptions.IsTransient"/>.</summary>
/// <param name="availability">Receives a report of each failure.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Logs failures that only an operator can resolve.</param>
/// <param name="getAdvice">
/// Returns what is likely wrong with the connection string, given a failure; null when nothing is known to be wrong.
/// </param>
internal sealed partial class MongoExceptionTranslator(
    StoreAvailability availability, TimeProvider clock, ILogger logger, Func<Exception, string?>? getAdvice = null)
    : StoreExceptionTranslator
{
    // A failure that has not occurred for this long is logged again.
    private static readonly TimeSpan LogAgainAfter = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private int _lastCode;
    private long _lastSeenAt;

    /// <summary>Creates a translator whose exceptions say how to change the connection string.</summary>
    public static MongoExceptionTranslator Create(
        IMongoDatabase database, StoreAvailability availability, TimeProvider clock, ILogger logger) =>
        new(availability, clock, logger, failure => MongoConnectionAdvice.ForFailure(failure, database));

    public override StoreUnavailableException? TryTranslate(Exception exception)
    {
        if (!MongoExceptions.IsTransient(exception))
        {
            return null;
        }

        var advice = getAdvice?.Invoke(exception) is { } text ? $"{text} " : "";
        var unavailable = new StoreUnavailableException(
            $"{advice}MongoDB did not execute the call: {exception.Message}", exception);
        availability.ReportFailure(unavailable);
        LogIfOperatorIsNeeded(unavailable);
        return unavailable;
    }

    // Logs a failure that only an operator can resolve once, not for every call.
    private void LogIfOperatorIsNeeded(StoreUnavailableException exception)
    {
        var code = MongoExceptions.GetErrorCodes(exception).FirstOrDefault(MongoErrorCodes.NeedsOperator);
        if (code == default)
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

    [LoggerMessage(
        LogLevel.Critical,
        "MongoDB rejected a required operation (code {Code}). Commands are kept and retried; "
        + "only a change of permissions, quota or server resolves this")]
    private partial void LogNeedsOperator(int code, Exception exception);
}
