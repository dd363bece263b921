using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Checks with <c>hello</c> whether the server accepts writes and whether the connection string matches its replica
/// set. Uses a dedicated connection: if many calls wait for the connections of the pool, a check through the pool would
/// time out although the server is available.
/// </summary>
internal sealed partial class MongoServerCheck(IMongoDatabase database, StoreAvailability availability, ILogger logger) : IDisposable
{
    private readonly MongoClient _client = new(WithSingleConnection(database.Client.Settings));
    private int _hasWarned;

    /// <summary>
    /// Sends <c>hello</c> and returns when the server accepts writes. With a direct connection, the driver sends it to
    /// that member, even if it is not the primary.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The server does not accept writes.</exception>
    public async Task Check(CancellationToken cancellationToken)
    {
        var hello = await _client
            .GetDatabase(database.DatabaseNamespace.DatabaseName)
            .RunCommandAsync<BsonDocument>(new BsonDocument("hello", 1), ReadPreference.Primary, cancellationToken);
        var settings = database.Client.Settings;
        if (MongoConnectionAdvice.ForServer(hello, settings) is { } advice && Interlocked.Exchange(ref _hasWarned, 1) == 0)
        {
            LogAdvice(MongoConnectionString.SettingName, advice);
        }

        if (!hello.GetValue("isWritablePrimary", false).ToBoolean())
        {
            var failure = new StoreUnavailableException(
                $"The MongoDB server {hello.GetValue("me", "")} responds, but is not a primary that accepts writes "
                + $"(the primary of its replica set is {hello.GetValue("primary", "unknown")})."
                + (settings.DirectConnection == true ? " directConnection=true uses that server only." : ""),
                null);
            availability.ReportFailure(failure);
            throw failure;
        }
    }

    public void Dispose() => _client.Dispose();

    private static MongoClientSettings WithSingleConnection(MongoClientSettings settings)
    {
        var copy = settings.Clone();
        copy.ApplicationName = $"{settings.ApplicationName}-health"; // clients with equal settings share a connection pool
        copy.MinConnectionPoolSize = 0;
        copy.MaxConnectionPoolSize = 1;
        return copy;
    }

    [LoggerMessage(LogLevel.Warning, "{Setting}: {Advice}")]
    private partial void LogAdvice(string setting, string advice);
}
