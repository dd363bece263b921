using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Runs.Store.Sqlite;

/// <summary>Which errors say that the file cannot be used now, as opposed to a mistake in a statement, and why in plain words.</summary>
internal static class SqliteTrouble
{
    /// <summary>Whether <paramref name="exception"/> may pass by itself or with room, rights, a disk or another file, none of which the caller can do anything about.</summary>
    public static bool Passes(Exception exception) => exception is IOException or UnauthorizedAccessException or SqliteException
    {
        SqliteErrorCode: SQLITE_BUSY or SQLITE_LOCKED or SQLITE_NOMEM or SQLITE_READONLY or SQLITE_INTERRUPT or SQLITE_IOERR or SQLITE_FULL or SQLITE_CANTOPEN
            or SQLITE_PROTOCOL or SQLITE_NOTADB or SQLITE_CORRUPT
    };

    public static bool IsFull(Exception exception) => exception is SqliteException { SqliteErrorCode: SQLITE_FULL };

    public static StoreUnavailableException Unavailable(string file, Exception exception, bool nothingWritten) =>
        new($"The store's file {Path.GetFullPath(file)} cannot be used: {Cause(file, exception)}.", exception) { NothingWritten = nothingWritten };

    private static string Cause(string file, Exception exception) => exception is not SqliteException sqlite
        ? exception.Message.TrimEnd('.')
        : sqlite.SqliteErrorCode switch
        {
            SQLITE_CANTOPEN => WhyNotOpened(file),
            SQLITE_READONLY => "it or its file system is read-only",
            SQLITE_FULL => "the disk is full",
            SQLITE_NOTADB => "it is no SQLite database",
            SQLITE_CORRUPT => "it is damaged",
            SQLITE_BUSY or SQLITE_LOCKED => "another process keeps it locked",
            _ => sqlite.Message.TrimEnd('.'),
        };

    private static string WhyNotOpened(string file)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(file))!;
        return File.Exists(directory) ? $"{directory} is a file, not a directory"
            : !Directory.Exists(directory) ? "its directory is not there"
            : Directory.Exists(file) ? "it is a directory"
            : !File.Exists(file) ? "it is not there. Put it back, or restart the process to begin with an empty one"
            : "it cannot be opened for writing: look at the permissions of the file and its directory, and whether their file system is read-only";
    }
}
