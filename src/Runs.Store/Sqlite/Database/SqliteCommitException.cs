namespace Runs.Store.Sqlite;

/// <summary>A transaction failed while it was committed: it is unknown whether its writes are stored.</summary>
internal sealed class SqliteCommitException(Exception cause) : Exception(cause.Message, cause);
