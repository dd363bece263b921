using System.Globalization;
using System.Net;
using System.Reflection;
using Microsoft.Extensions.Time.Testing;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Clusters;
using MongoDB.Driver.Core.Connections;
using MongoDB.Driver.Core.Servers;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Tests.ScriptedMongo;

namespace Runs.Tests.Stores;

/// <summary>
/// The exceptions that the driver throws when a database is unavailable, changes its primary or rejects a command.
/// </summary>
public sealed class MongoExceptionTranslatorTests
{
    private static readonly ConnectionId Connection = new(new ServerId(new ClusterId(1), new DnsEndPoint("localhost", 27017)));
    private static readonly BsonDocument Command = new("insert", "runs");

    private readonly FakeTimeProvider _clock = new();
    private readonly RecordingLogger _logger = new();
    private readonly StoreAvailability _availability = new();
    private readonly MongoExceptionTranslator _translator;

    public MongoExceptionTranslatorTests() => _translator = new MongoExceptionTranslator(_availability, _clock, _logger);

    public static TheoryData<Exception> TransientExceptions =>
    [
        new TimeoutException("No server was found."),
        new MongoConnectionException(Connection, "The connection was closed."),
        new MongoAuthenticationException(Connection, "Unable to authenticate."),
        new MongoConnectionPoolPausedException("Paused."),
        new MongoWaitQueueFullException("Full."),
        new MongoNotPrimaryException(Connection, Command, ErrorResponse(TransientErrorCodes.NotWritablePrimary)),
        new MongoNodeIsRecoveringException(Connection, Command, ErrorResponse(11600)),
        new MongoExecutionTimeoutException(Connection, "Too slow."),
        new MongoCursorNotFoundException(Connection, 1, Command),
        new MongoWriteConcernException(Connection, "No majority in time.", new WriteConcernResult(new BsonDocument())),
    ];

    /// <summary>
    /// Codes that are not listed as permanent: interruption, quota, permissions, locks, throttling, moving shards, and
    /// a code of a later release.
    /// </summary>
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
    public async Task A_transient_exception_becomes_StoreUnavailable(Exception exception)
    {
        var translated = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => _translator.Translate(Task.FromException<int>(exception)));

        Assert.Same(exception, translated.InnerException);
        Assert.Same(exception, (await Fail(exception)).InnerException);
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
    public async Task Other_exceptions_are_rethrown_unchanged(Exception exception)
    {
        Assert.Same(
            exception, await Assert.ThrowsAnyAsync<Exception>(() => _translator.Translate(Task.FromException<int>(exception))));
        Assert.Same(
            exception, await Assert.ThrowsAnyAsync<Exception>(() => _translator.Translate(Task.FromException(exception))));
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
            await Fail(CreateException(TransientErrorCodes.Interrupted));
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
        var authentication = new MongoAuthenticationException(Connection, "Unable to authenticate.");
        await Fail(new TimeoutException("No server.", new MongoConnectionException(Connection, "No.", authentication)));

        Assert.Equal(1, _logger.CriticalCount);
    }

    [Fact]
    public async Task A_transient_exception_is_reported_and_a_permanent_one_is_not()
    {
        var report = _availability.WaitForFailureReport();
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _translator.Translate(Task.FromException(new InvalidOperationException())));
        Assert.False(report.IsCompleted);

        await Fail(new TimeoutException());
        Assert.True(report.IsCompleted);
    }

    [Fact]
    public void A_completed_call_is_returned_as_it_is()
    {
        var call = Task.FromResult(1);

        Assert.Same(call, _translator.Translate(call));
    }

    [Theory]
    [InlineData(11000, false, true)]
    [InlineData(11000, true, false)] // a failover may roll the existing document back
    [InlineData(121, false, false)]
    public void Only_a_confirmed_duplicate_is_a_duplicate(int code, bool isUnconfirmed, bool expected)
    {
        var category = code == MongoErrorCodes.DuplicateKey ? ServerErrorCategory.DuplicateKey : ServerErrorCategory.Uncategorized;
        var error = Activate<WriteError>(category, code, "No.", new BsonDocument());
        var concernError = isUnconfirmed ? Activate<WriteConcernError>(64, "", "", new BsonDocument(), Array.Empty<string>()) : null;
        var exception = new MongoWriteException(Connection, error, concernError, null);

        Assert.Equal(expected, MongoExceptions.IsDuplicateKey(exception));
        Assert.Equal(isUnconfirmed, MongoExceptions.IsTransient(exception));
    }

    private Task<StoreUnavailableException> Fail(Exception exception) =>
        Assert.ThrowsAsync<StoreUnavailableException>(() => _translator.Translate(Task.FromException(exception)));

    // The driver's constructors are internal.
    private static T Activate<T>(params object[] arguments) => (T)Activator.CreateInstance(
        typeof(T), BindingFlags.Instance | BindingFlags.NonPublic, binder: null, arguments, CultureInfo.InvariantCulture)!;

    private static MongoCommandException CreateException(int code) => new(Connection, "No.", Command, ErrorResponse(code));

    private static BsonDocument ErrorResponse(int code) => new() { { "ok", 0 }, { "code", code } };
}
