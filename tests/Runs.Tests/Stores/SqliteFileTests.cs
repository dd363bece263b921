using System.Diagnostics;
using Runs.Store;
using Runs.Store.Sqlite;

namespace Runs.Tests.Stores;

/// <summary>What becomes of the embedded store when somebody takes its file, its directory, its rights or its disk away.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("runs-file-");
    private readonly List<SqliteRunStore> _open = [];

    private string Data => Path.Combine(_root.FullName, "data");

    private string File => Path.Combine(Data, "runs.db");

    public void Dispose()
    {
        _open.ForEach(store => store.Dispose());
        _root.Delete(recursive: true);
    }

    [Fact]
    public async Task A_write_into_a_removed_file_is_refused_and_no_empty_store_is_begun()
    {
        var store = await Prepared(File);
        await store.TryInsert(StoredRun.New(), default);
        Directory.Delete(Data, recursive: true);

        await AssertRefused(store, "its directory is not there");
        Directory.CreateDirectory(Data);
        await AssertRefused(store, "it is not there");
        Assert.Empty(Directory.GetFiles(Data));
    }

    [Fact]
    public async Task A_directory_that_comes_back_is_gone_on_with_and_holds_every_run_that_was_acknowledged()
    {
        var store = await Prepared(File);
        var (before, refused, after) = (StoredRun.New(), StoredRun.New(), StoredRun.New());
        await store.TryInsert(before, default);
        Directory.Move(Data, Data + "-away");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TryInsert(refused, default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Ping(default));

        Directory.Move(Data + "-away", Data);

        await store.Ping(default);
        await store.TryInsert(after, default);
        Assert.NotNull(await store.Find(before.Id, default));
        Assert.Null(await store.Find(refused.Id, default));
        Assert.NotNull(await store.Find(after.Id, default));
    }

    [Fact]
    public async Task A_file_that_was_replaced_is_opened_anew()
    {
        var other = Path.Combine(_root.FullName, "other", "runs.db");
        var (old, restored, added) = (StoredRun.New(), StoredRun.New(), StoredRun.New());
        var another = await Prepared(other);
        await another.TryInsert(restored, default);
        another.Dispose();
        var store = await Prepared(File);
        await store.TryInsert(old, default);

        Directory.Delete(Data, recursive: true);
        Directory.Move(Path.GetDirectoryName(other)!, Data);

        await store.Ping(default);
        await store.TryInsert(added, default);
        Assert.Null(await store.Find(old.Id, default));
        Assert.NotNull(await store.Find(restored.Id, default));
        Assert.NotNull(await store.Find(added.Id, default));
    }

    [Fact]
    public async Task A_reader_does_not_go_on_reading_a_removed_file()
    {
        var store = await Prepared(File);
        var run = StoredRun.New();
        await store.TryInsert(run, default);
        Assert.NotNull(await store.Find(run.Id, default));

        Directory.Delete(Data, recursive: true);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_write_ahead_log_that_is_removed_costs_no_run_that_was_acknowledged()
    {
        var store = await Prepared(File);
        var (before, after) = (StoredRun.New(), StoredRun.New());
        await store.TryInsert(before, default);
        System.IO.File.Delete(File + "-wal");

        await store.TryInsert(after, default);
        var crashed = await Prepared(CopyOf("runs.db", "runs.db-wal")); // closing the store would mend the file; a crash does not

        Assert.NotNull(await crashed.Find(before.Id, default));
        Assert.NotNull(await crashed.Find(after.Id, default));
    }

    [Fact]
    public async Task A_file_where_the_directory_should_be_is_named_and_waited_for()
    {
        await System.IO.File.WriteAllTextAsync(Data, "");
        var store = Open(File);

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Prepare(default));

        Assert.Contains(Data, failure.Message, StringComparison.Ordinal);
        System.IO.File.Delete(Data);
        await store.Prepare(default);
        await store.Ping(default);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named_and_waited_for()
    {
        Directory.CreateDirectory(Data);
        await System.IO.File.WriteAllTextAsync(File, string.Join(' ', Enumerable.Repeat("This is no database.", 1000)));
        var store = Open(File);

        await AssertRefused(store, "no SQLite database");

        System.IO.File.Delete(File);
        await store.Prepare(default);
        await store.Ping(default);
    }

    [UnixFact]
    public async Task Files_and_their_directory_are_their_owners_alone()
    {
        var store = await Prepared(File);
        await store.TryInsert(StoredRun.New(), default);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(Data).UnixFileMode);
        Assert.Equal(["runs.db", "runs.db-shm", "runs.db-wal"], Directory.GetFiles(Data).Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(Data), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode));
    }

    [MountFact]
    public async Task A_full_disk_refuses_writes_loses_nothing_and_is_gone_on_with_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(Data, "size=2m");
        var store = await Prepared(File);
        var acknowledged = new List<Run>();
        StoreUnavailableException? refused = null;
        while (refused is null && acknowledged.Count < 1000)
        {
            var run = StoredRun.New();
            run.Name = new string('x', 60_000);
            try
            {
                await store.TryInsert(run, default);
                acknowledged.Add(run);
            }
            catch (StoreUnavailableException failure)
            {
                refused = failure;
            }
        }

        Assert.True(refused!.NothingWritten);
        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        Assert.Contains("the disk is full", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Ping(default));
        await AssertAllThere();

        disk.Remount("size=16m");
        await store.Ping(default);
        await store.TryInsert(StoredRun.New(), default);
        await AssertAllThere();

        async Task AssertAllThere()
        {
            foreach (var run in acknowledged)
            {
                Assert.NotNull(await store.Find(run.Id, default));
            }
        }
    }

    [MountFact]
    public async Task A_read_only_disk_is_named_and_waited_for()
    {
        using var disk = SmallDisk.Mount(Data, "size=8m");
        var first = await Prepared(File);
        var run = StoredRun.New();
        await first.TryInsert(run, default);
        first.Dispose();
        disk.Remount("ro");
        var store = Open(File);

        await AssertRefused(store, "read-only");

        disk.Remount("rw");
        await store.Ping(default);
        Assert.NotNull(await store.Find(run.Id, default));
    }

    private async Task AssertRefused(SqliteRunStore store, string cause)
    {
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TryInsert(StoredRun.New(), default));
        Assert.True(refused.NothingWritten);
        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        Assert.Contains(cause, refused.Message, StringComparison.Ordinal);
    }

    // What a crash of the process leaves behind.
    private string CopyOf(params string[] files)
    {
        var copy = _root.CreateSubdirectory("copy").FullName;
        foreach (var file in files.Where(file => System.IO.File.Exists(Path.Combine(Data, file))))
        {
            System.IO.File.Copy(Path.Combine(Data, file), Path.Combine(copy, file));
        }

        return Path.Combine(copy, files[0]);
    }

    private async Task<SqliteRunStore> Prepared(string file)
    {
        var store = Open(file);
        await store.Prepare(default);
        return store;
    }

    private SqliteRunStore Open(string file)
    {
        var store = new SqliteRunStore(file, new StoreAvailability());
        _open.Add(store);
        return store;
    }
}

/// <summary>A file system in memory, mounted on a directory. Needs root on Linux.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _directory;

    private SmallDisk(string directory) => _directory = directory;

    /// <summary>Whether this machine lets its user mount.</summary>
    public static bool IsPossible { get; } = Try();

    public static SmallDisk Mount(string directory, string options)
    {
        Directory.CreateDirectory(directory);
        Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory);
        return new SmallDisk(directory);
    }

    public void Remount(string options) => Run("mount", "-o", $"remount,{options}", _directory);

    // Lazily: a store that a failed test leaves open must not keep it.
    public void Dispose() => Run("umount", "-l", _directory);

    private static bool Try()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            return false;
        }

        var directory = Directory.CreateTempSubdirectory("runs-mount-");
        try
        {
            Mount(directory.FullName, "size=1m").Dispose();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            directory.Delete();
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program}: {said}");
        }
    }
}

/// <summary>A test of file permissions.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no file modes." : null;
}

/// <summary>A test that mounts a small disk.</summary>
public sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute() => Skip = SmallDisk.IsPossible ? null : "Needs root on Linux, to mount a small file system.";
}
