using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>The file of the store: made for its owner alone, and watched while it is open. Somebody may remove it, replace it, or fill the disk.</summary>
internal static partial class DatabaseFile
{
    // What must be free before a disk that was full counts as having room.
    private const int Room = 1024 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the file and its directory where they are not there. Only their owner may read them; SQLite gives its other files the same permissions.</summary>
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
            // Only where it is not there: closing a file drops the locks that SQLite has on it.
            new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }).Dispose();
        }
    }

    /// <summary>Whether the file at the path is not the one that is open: what is written then is lost with the last process that has it open.</summary>
    public static bool HasMoved(SqliteConnection connection)
    {
        var moved = 0;
        // Where the platform cannot tell, it does not let an open file be removed either.
        return FileControl(connection.Handle!.DangerousGetHandle(), nint.Zero, HasMovedOperation, ref moved) == SQLitePCL.raw.SQLITE_OK && moved != 0;
    }

    public static IOException Moved() => new("it was removed or replaced while it was open");

    /// <summary>Throws when the disk has no room for a large write, although a small one may still find some in the files that are there.</summary>
    public static void ThrowIfFull(string file)
    {
        using var probe = new FileStream($"{file}-room", new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 0,
        });
        probe.Write(new byte[Room]);
        probe.Flush(flushToDisk: true);
    }

    // https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html
    private const int HasMovedOperation = 20;

    // The bundle's library. Its C# wrapper leaves this function out.
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int FileControl(nint database, nint name, int operation, ref int argument);
}
