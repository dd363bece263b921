using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>Reads the types of values that the tables store. A time is stored as Unix time in milliseconds.</summary>
internal static class SqliteDataReaderExtensions
{
    public static DateTimeOffset GetTime(this SqliteDataReader reader, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));

    public static DateTimeOffset? GetNullableTime(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetTime(column);

    public static string? GetNullableString(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>Reads all rows.</summary>
    public static List<T> ReadAll<T>(this SqliteDataReader reader, Func<SqliteDataReader, T> readRow)
    {
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(readRow(reader));
        }

        return rows;
    }
}
