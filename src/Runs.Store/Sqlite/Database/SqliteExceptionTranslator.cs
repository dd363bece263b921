using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Runs.Store.Sqlite;

/// <summary>
/// Translates errors that mean that the file is currently unusable, as opposed to mistakes in a statement, and
/// describes their cause.
/// </summary>
internal sealed class SqliteExceptionTranslator(string file, StoreAvailability availability) : StoreExceptionTranslator
{
    /// <summary>
    /// Returns whether <paramref name="exception"/> is transient, or is resolved by free disk space, permissions, a
    /// working disk or another file, none of which the caller can provide.
    /// </summary>
    public static bool IsTransient(Exception exception) => exception
        is IOException
        or UnauthorizedAccessException
        or SqliteCommitException
        or SqliteException
        {
            SqliteErrorCode: SQLITE_BUSY or SQLITE_LOCKED or SQLITE_NOMEM or SQLITE_READONLY or SQLITE_INTERRUPT
                or SQLITE_IOERR or SQLITE_FULL or SQLITE_CANTOPEN or SQLITE_PROTOCOL or SQLITE_NOTADB or SQLITE_CORRUPT
        };

    /// <summary>Returns whether nothing was written because the disk is full.</summary>
    public static bool IsDiskFull(Exception exception) => exception is SqliteException { SqliteErrorCode: SQLITE_FULL };

    public override StoreUnavailableException? TryTranslate(Exception exception)
    {
        if (!IsTransient(exception))
        {
            return null;
        }

        var commitFailure = exception as SqliteCommitException;
        var cause = commitFailure?.InnerException ?? exception;
        var unavailable = new StoreUnavailableException(
            $"The store's file {Path.GetFullPath(file)} cannot be used: {DescribeCause(cause)}.", cause)
        {
            NothingWritten = commitFailure is null,
        };
        availability.ReportFailure(unavailable);
        return unavailable;
    }

    private string DescribeCause(Exception exception) => exception is not SqliteException sqlite
        ? exception.Message.TrimEnd('.')
        : sqlite.SqliteErrorCode switch
        {
            SQLITE_CANTOPEN => DescribeOpenFailure(),
            SQLITE_READONLY => "it or its file system is read-only",
            SQLITE_FULL => "the disk is full",
            SQLITE_NOTADB => "it is not a SQLite database",
            SQLITE_CORRUPT => "it is damaged",
            SQLITE_BUSY or SQLITE_LOCKED => "another process keeps it locked",
            _ => sqlite.Message.TrimEnd('.'),
        };

    private string DescribeOpenFailure()
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(file))!;
        return File.Exists(directory) ? $"{directory} is a file, not a directory"
            : !Directory.Exists(directory) ? "its directory does not exist"
            : Directory.Exists(file) ? "it is a directory"
            : !File.Exists(file) ? "it does not exist. Restore it, or restart the process to start with an empty one"
            : "it cannot be opened for writing: check the permissions of the file and its directory, "
                + "and whether their file system is read-only";
    }
}
