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
public sealed class MongoExceptionTranslatorTests
{
    private static readonly ConnectionId Connection = new(new ServerId(new ClusterId(1), new DnsEndPoint("localhost", 27017)));
    private static readonly BsonDocument Command = new("insert", "runs");

    private readonly FakeTimeProvider _clock = new();
    private readonly RecordingLogger _logger = new();
    private readonly MongoExceptionTranslator _translator;

    public MongoExceptionTranslatorTests() => _translator = new MongoExceptionTranslator(new StoreAvailability(), _clock, _logger);

    public static TheoryData<Exception> TransientExceptions =>
    [
        new TimeoutException("No server was found."),
        new MongoConnectionException(Connection, "The connection was closed."),
        new MongoAuthenticationException(Connection, "Unable to authenticate."),
        new MongoConnectionPoolPausedException("Paused."),
        new MongoWaitQueueFullException("Full."),
        new MongoNotPrimaryException(Connection, Command, ErrorResponse(MongoErrorCodes.NotWritablePrimary)),
        new MongoNodeIsRecoveringException(Connection, Command, ErrorResponse(11600)),
        new MongoExecutionTimeoutException(Connection, "Too slow."),
        new MongoCursorNotFoundException(Connection, 1, Command),
        new MongoWriteConcernException(Connection, "No majority in time.", new WriteConcernResult(new BsonDocument())),
    ];

    /// <summary>Codes that no list of ours has but for the alarm: interrupted, quota, rights, locks, throttling, shards on the move, and one of tomorrow.</summary>
    public static TheoryData<int> TransientCodes =>
        [1, 13, 18, 20, 24, 46, 82, 89, 117, 189, 249, 301, 391, 8000, 11601, 14031, 16500, 987654];

    public static TheoryData<int> PermanentCodes => [2, 9, 14, 22, 40, 52, 66, 85, 86, 121, 10334, 11000, 17280, 17419];

    public static TheoryData<Exception> PermanentExceptions =>
    [
        new MongoDuplicateKeyException(Connection, "Duplicate.", new WriteConcernResult(new BsonDocument())),
        new BsonSerializationException("Too large."),
        new InvalidOperationException("A mistake."),
        new OperationCanceledException(),
    ];

    [Theory]
    [MemberData(nameof(TransientExceptions))]
    public async Task A_transient_exception_becomes_StoreUnavailable(Exception trouble)
    {
        var told = await Assert.ThrowsAsync<StoreUnavailableException>(() => _translator.Translate(Task.FromException(trouble)));

        Assert.Same(trouble, told.InnerException);
    }

    [Theory]
    [MemberData(nameof(TransientCodes))]
    public async Task A_server_error_code_becomes_StoreUnavailable_by_default(int code)
    {
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _translator.Translate(Task.FromException(CreateException(code))));
    }

    [Theory]
    [MemberData(nameof(PermanentCodes))]
    public async Task A_permanent_error_code_is_rethrown_unchanged(int code)
    {
        await Assert.ThrowsAsync<MongoCommandException>(() => _translator.Translate(Task.FromException(CreateException(code))));
    }

    [Theory]
    [MemberData(nameof(PermanentExceptions))]
    public async Task Other_exceptions_are_rethrown_unchanged(Exception trouble)
    {
        Assert.Same(trouble, await Assert.ThrowsAnyAsync<Exception>(() => _translator.Translate(Task.FromException<int>(trouble))));
    }

    [Theory]
    [InlineData(MongoErrorCodes.Unauthorized)]
    [InlineData(MongoErrorCodes.AtlasError)]
    [InlineData(MongoErrorCodes.RetryableWritesNotSupported)]
    public async Task An_error_that_needs_an_operator_is_logged_as_critical_once_per_occurrence(int code)
    {
        for (var call = 0; call < 3; call++)
        {
            await Fail(CreateException(code));
            await Fail(CreateException(MongoErrorCodes.Interrupted));
            _clock.Advance(TimeSpan.FromSeconds(50));
        }

        Assert.Equal(1, _logger.CriticalCount);

        _clock.Advance(TimeSpan.FromMinutes(2));
        await Fail(CreateException(code));
        Assert.Equal(2, _logger.CriticalCount);
    }

    [Fact]
    public async Task A_nested_authentication_failure_is_logged_as_critical()
    {
        await Fail(new TimeoutException("No server.", new MongoConnectionException(Connection, "No.", new MongoAuthenticationException(Connection, "Unable to authenticate."))));

        Assert.Equal(1, _logger.CriticalCount);
    }

    private Task<StoreUnavailableException> Fail(Exception trouble) => Assert.ThrowsAsync<StoreUnavailableException>(() => _translator.Translate(Task.FromException(trouble)));

    private static MongoCommandException CreateException(int code) => new(Connection, "No.", Command, ErrorResponse(code));

    private static BsonDocument ErrorResponse(int code) => new() { { "ok", 0 }, { "code", code } };
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

    public int CriticalCount => Entries.Count(entry => entry.Level == LogLevel.Critical);

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
