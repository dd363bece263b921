using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>
/// Creates the store's file with access for its owner only. Detects while the file is open that it was removed or
/// replaced, or that the disk is full.
/// </summary>
internal static partial class DatabaseFile
{
    // The free space that a previously full disk needs before it counts as writable again.
    private const int MinFreeBytes = 1024 * 1024;

    // https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html
    private const int HasMovedOperation = 20;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Creates the file and its directory if they do not exist. Only their owner can read them; SQLite gives its other
    /// files the same permissions.
    /// </summary>
    public static void Create(string file)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
            return;
        }

        Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        if (!File.Exists(file))
        {
            // Only if it does not exist: closing any handle of the file drops the locks that SQLite holds on it.
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
            new FileStream(file, options).Dispose();
        }
    }

    /// <summary>
    /// Returns whether the file at the path is not the open one. Writes to the open file are then lost when the last
    /// process closes it.
    /// </summary>
    public static bool HasMoved(SqliteConnection connection)
    {
        var moved = 0;
        var result = FileControl(connection.Handle!.DangerousGetHandle(), nint.Zero, HasMovedOperation, ref moved);
        // A platform that does not support this operation does not allow removing an open file either.
        return result == SQLitePCL.raw.SQLITE_OK && moved != 0;
    }

    /// <summary>Creates the exception for a file that <see cref="HasMoved"/>.</summary>
    public static IOException CreateMovedException() => new("it was removed or replaced while it was open");

    /// <summary>
    /// Throws when the disk has no room for a large write. A small write may still succeed then, in the free space of
    /// the existing files.
    /// </summary>
    public static void ThrowIfDiskFull(string file)
    {
        using var probe = new FileStream($"{file}-room", new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 0,
        });
        probe.Write(new byte[MinFreeBytes]);
        probe.Flush(flushToDisk: true);
    }

    // The native library of the SQLitePCL bundle, whose C# wrapper does not expose this function.
#pragma warning disable CA5393 // the library is beside the assembly
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int FileControl(nint database, nint name, int operation, ref int argument);
#pragma warning restore CA5393
}
