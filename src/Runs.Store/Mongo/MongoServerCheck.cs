using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>Checks a server's answer to <c>hello</c>: whether it takes writes, and whether the connection string fits its replica set.</summary>
internal sealed partial class MongoServerCheck(MongoClientSettings settings, ILogger logger)
{
    private int _hasWarned;

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

    [LoggerMessage(LogLevel.Warning, "{Setting}: {Advice}")]
    private partial void LogAdvice(string setting, string advice);
}
