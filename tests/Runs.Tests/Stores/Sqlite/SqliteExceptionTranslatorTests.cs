using Microsoft.Data.Sqlite;
using Runs.Store;
using Runs.Store.Sqlite;
using static SQLitePCL.raw;

namespace Runs.Tests.Stores;

public sealed class SqliteExceptionTranslatorTests
{
    private readonly StoreAvailability _availability = new();
    private readonly SqliteExceptionTranslator _translator;

    public SqliteExceptionTranslatorTests() => _translator = new SqliteExceptionTranslator("runs.db", _availability);

    public static TheoryData<Exception> TransientExceptions =>
    [
        new SqliteException("Locked.", SQLITE_BUSY),
        new SqliteException("Full.", SQLITE_FULL),
        new SqliteException("No file.", SQLITE_CANTOPEN),
        new IOException("Moved."),
        new UnauthorizedAccessException(),
    ];

    [Theory]
    [MemberData(nameof(TransientExceptions))]
    public async Task A_transient_exception_before_the_commit_has_written_nothing(Exception exception)
    {
        var report = _availability.WaitForFailureReport();

        var unavailable = await Translate(exception);

        Assert.True(unavailable.NothingWritten);
        Assert.Same(exception, unavailable.InnerException);
        Assert.True(report.IsCompleted);
    }

    [Fact]
    public async Task The_outcome_of_a_failed_commit_is_unknown()
    {
        var cause = new SqliteException("The disk failed.", SQLITE_IOERR);

        var unavailable = await Translate(new SqliteCommitException(cause));

        Assert.False(unavailable.NothingWritten);
        Assert.Same(cause, unavailable.InnerException);
        Assert.Contains("The disk failed", unavailable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_exceptions_are_rethrown_unchanged()
    {
        var report = _availability.WaitForFailureReport();
        var exception = new SqliteException("A null value.", SQLITE_CONSTRAINT);

        Assert.Same(
            exception,
            await Assert.ThrowsAsync<SqliteException>(() => _translator.Translate(Task.FromException<int>(exception))));
        Assert.False(report.IsCompleted);
    }

    private Task<StoreUnavailableException> Translate(Exception exception) =>
        Assert.ThrowsAsync<StoreUnavailableException>(() => _translator.Translate(Task.FromException<int>(exception)));
}
