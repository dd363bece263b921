using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Checks with <c>hello</c> whether the server accepts writes and whether the connection string matches its replica
/// set. Uses a dedicated connection: if many calls wait for the connections of the pool, a check through the pool would
/// time out although the server is available.
/// </summary>
internal sealed partial class MongoServerCheck(MongoClientSettings settings, ILogger logger) : IDisposable
{
    private readonly MongoClient _client = new(WithSingleConnection(settings));
    private int _hasWarned;

    /// <summary>
    /// Sends <c>hello</c> and returns the server's reply. With a direct connection, the driver sends it to that member,
    /// even if it is not the primary.
    /// </summary>
    public Task<BsonDocument> SendHello(string database, CancellationToken cancellationToken) => _client.GetDatabase(database)
        .RunCommandAsync<BsonDocument>(new BsonDocument("hello", 1), ReadPreference.Primary, cancellationToken);

    /// <exception cref="StoreUnavailableException">The server does not accept writes.</exception>
    public void ThrowIfNotWritable(BsonDocument hello)
    {
        if (MongoConnectionAdvice.ForServer(hello, settings) is { } advice && Interlocked.Exchange(ref _hasWarned, 1) == 0)
        {
            LogAdvice(MongoConnectionString.SettingName, advice);
        }

        if (!hello.GetValue("isWritablePrimary", false).ToBoolean())
        {
            throw new StoreUnavailableException(
                $"The MongoDB server {hello.GetValue("me", "")} answers, but is not a primary that takes writes "
                + $"(the primary of its replica set is {hello.GetValue("primary", "not known")})."
                + (settings.DirectConnection == true ? " directConnection=true keeps to that server." : ""),
                null);
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
