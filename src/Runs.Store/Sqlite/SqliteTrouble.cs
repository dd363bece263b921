using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Runs.Store.Sqlite;

/// <summary>Which of SQLite's errors say that the file cannot be used now, as opposed to a mistake in a statement.</summary>
internal static class SqliteTrouble
{
    /// <summary>Whether <paramref name="trouble"/> may pass by itself or with room, rights or a disk, none of which the caller can do anything about.</summary>
    public static bool Passes(SqliteException trouble) => trouble.SqliteErrorCode
        is SQLITE_BUSY or SQLITE_LOCKED or SQLITE_NOMEM or SQLITE_READONLY or SQLITE_INTERRUPT or SQLITE_IOERR or SQLITE_FULL or SQLITE_CANTOPEN
        or SQLITE_PROTOCOL;

    public static StoreUnavailableException Unavailable(Exception trouble) => new($"SQLite did not answer: {trouble.Message}", trouble);
}
