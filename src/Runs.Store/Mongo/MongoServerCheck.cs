using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Asks the server with <c>hello</c> whether it takes writes, and whether the connection string fits its replica set. On a connection of its own: behind a crowd of calls that
/// wait for the connections of the pool, a server would seem not to answer.
/// </summary>
internal sealed partial class MongoServerCheck(MongoClientSettings settings, ILogger logger) : IDisposable
{
    private readonly MongoClient _client = new(OneConnection(settings));
    private int _hasWarned;

    /// <summary>The server's answer. Connected to one member directly, the driver asks that one, whatever it is.</summary>
    public Task<BsonDocument> Ask(string database, CancellationToken cancellationToken) => _client.GetDatabase(database)
        .RunCommandAsync<BsonDocument>(new BsonDocument("hello", 1), ReadPreference.Primary, cancellationToken);

    /// <exception cref="StoreUnavailableException">The server takes no writes.</exception>
    public void Check(BsonDocument hello)
    {
        if (MongoConnectionAdvice.ForServer(hello, settings) is { } advice && Interlocked.Exchange(ref _hasWarned, 1) == 0)
        {
            LogAdvice(MongoConnectionString.Setting, advice);
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

    private static MongoClientSettings OneConnection(MongoClientSettings settings)
    {
        var own = settings.Clone();
        own.ApplicationName = $"{settings.ApplicationName}-health"; // clients with equal settings share their connections
        own.MinConnectionPoolSize = 0;
        own.MaxConnectionPoolSize = 1;
        return own;
    }

    [LoggerMessage(LogLevel.Warning, "{Setting}: {Advice}")]
    private partial void LogAdvice(string setting, string advice);
}
