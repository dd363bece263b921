using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Clusters;
using MongoDB.Driver.Core.Connections;
using MongoDB.Driver.Core.Servers;
using Runs.Store;
using Runs.Store.Mongo;

namespace Runs.Tests.Stores;

/// <summary>What the driver throws when a database goes away, changes its primary or refuses something, which only a real replica set would show.</summary>
public sealed class MongoTroubleTests
{
    private static readonly ConnectionId Connection = new(new ServerId(new ClusterId(1), new DnsEndPoint("localhost", 27017)));
    private static readonly BsonDocument Command = new("insert", "runs");

    private readonly FakeTimeProvider _clock = new();
    private readonly RecordingLogger _logger = new();
    private readonly MongoTrouble _trouble;

    public MongoTroubleTests() => _trouble = new MongoTrouble(new StoreAvailability(), _clock, _logger);

    public static TheoryData<Exception> Passing =>
    [
        new TimeoutException("No server was found."),
        new MongoConnectionException(Connection, "The connection was closed."),
        new MongoAuthenticationException(Connection, "Unable to authenticate."),
        new MongoConnectionPoolPausedException("Paused."),
        new MongoWaitQueueFullException("Full."),
        new MongoNotPrimaryException(Connection, Command, Answer(MongoErrorCodes.NotWritablePrimary)),
        new MongoNodeIsRecoveringException(Connection, Command, Answer(11600)),
        new MongoExecutionTimeoutException(Connection, "Too slow."),
        new MongoCursorNotFoundException(Connection, 1, Command),
        new MongoWriteConcernException(Connection, "No majority in time.", new WriteConcernResult(new BsonDocument())),
    ];

    /// <summary>Codes that no list of ours has but for the alarm: interrupted, quota, rights, locks, throttling, shards on the move, and one of tomorrow.</summary>
    public static TheoryData<int> PassingCodes =>
        [1, 13, 18, 20, 24, 46, 82, 89, 117, 189, 249, 301, 391, 8000, 11601, 14031, 16500, 987654];

    public static TheoryData<int> LastingCodes => [2, 9, 14, 22, 40, 52, 66, 85, 86, 121, 10334, 11000, 17280, 17419];

    public static TheoryData<Exception> Lasting =>
    [
        new MongoDuplicateKeyException(Connection, "Duplicate.", new WriteConcernResult(new BsonDocument())),
        new BsonSerializationException("Too large."),
        new InvalidOperationException("A mistake."),
        new OperationCanceledException(),
    ];

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task Trouble_that_passes_is_the_stores(Exception trouble)
    {
        var told = await Assert.ThrowsAsync<StoreUnavailableException>(() => _trouble.Told(Task.FromException(trouble)));

        Assert.Same(trouble, told.InnerException);
    }

    [Theory]
    [MemberData(nameof(PassingCodes))]
    public async Task Whatever_a_server_says_passes(int code)
    {
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _trouble.Told(Task.FromException(Refusal(code))));
    }

    [Theory]
    [MemberData(nameof(LastingCodes))]
    public async Task But_for_what_is_wrong_with_the_call_itself(int code)
    {
        await Assert.ThrowsAsync<MongoCommandException>(() => _trouble.Told(Task.FromException(Refusal(code))));
    }

    [Theory]
    [MemberData(nameof(Lasting))]
    public async Task Other_trouble_stays_what_it_is(Exception trouble)
    {
        Assert.Same(trouble, await Assert.ThrowsAnyAsync<Exception>(() => _trouble.Told(Task.FromException<int>(trouble))));
    }

    [Theory]
    [InlineData(MongoErrorCodes.Unauthorized)]
    [InlineData(MongoErrorCodes.AtlasError)]
    [InlineData(MongoErrorCodes.RetryableWritesNotSupported)]
    public async Task What_a_person_must_mend_is_critical_once_and_again_after_it_was_mended(int code)
    {
        for (var call = 0; call < 3; call++)
        {
            await Fail(Refusal(code));
            await Fail(Refusal(MongoErrorCodes.Interrupted));
            _clock.Advance(TimeSpan.FromSeconds(50));
        }

        Assert.Equal(1, _logger.Criticals);

        _clock.Advance(TimeSpan.FromMinutes(2));
        await Fail(Refusal(code));
        Assert.Equal(2, _logger.Criticals);
    }

    [Fact]
    public async Task A_wrong_password_is_critical_behind_whatever_the_driver_puts_around_it()
    {
        await Fail(new TimeoutException("No server.", new MongoConnectionException(Connection, "No.", new MongoAuthenticationException(Connection, "Unable to authenticate."))));

        Assert.Equal(1, _logger.Criticals);
    }

    private Task<StoreUnavailableException> Fail(Exception trouble) => Assert.ThrowsAsync<StoreUnavailableException>(() => _trouble.Told(Task.FromException(trouble)));

    private static MongoCommandException Refusal(int code) => new(Connection, "No.", Command, Answer(code));

    private static BsonDocument Answer(int code) => new() { { "ok", 0 }, { "code", code } };
}

/// <summary>Counts and keeps what was logged.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly List<(LogLevel Level, string Text, Exception? Cause)> _entries = [];

    public IReadOnlyList<(LogLevel Level, string Text, Exception? Cause)> Entries
    {
        get
        {
            lock (_entries)
            {
                return [.. _entries];
            }
        }
    }

    public int Criticals => Entries.Count(entry => entry.Level == LogLevel.Critical);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_entries)
        {
            _entries.Add((logLevel, formatter(state, exception), exception));
        }
    }
}
