using System.Diagnostics;
using Runs.Store;
using Runs.Store.Sqlite;

namespace Runs.Tests.Stores;

/// <summary>What becomes of the embedded store when somebody takes its file, its directory, its rights or its disk away.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("runs-file-");
    private readonly List<SqliteRunStore> _open = [];

    private string DataDirectory => Path.Combine(_root.FullName, "data");

    private string DatabaseFile => Path.Combine(DataDirectory, "runs.db");

    public void Dispose()
    {
        _open.ForEach(store => store.Dispose());
        _root.Delete(recursive: true);
    }

    [Fact]
    public async Task A_write_to_a_deleted_file_fails_and_creates_no_empty_database()
    {
        var store = await OpenInitialized(DatabaseFile);
        await store.TryInsert(TestRuns.Create(), default);
        Directory.Delete(DataDirectory, recursive: true);

        await AssertRefused(store, "its directory is not there");
        Directory.CreateDirectory(DataDirectory);
        await AssertRefused(store, "it is not there");
        Assert.Empty(Directory.GetFiles(DataDirectory));
    }

    [Fact]
    public async Task A_restored_directory_is_used_again_and_has_every_acknowledged_run()
    {
        var store = await OpenInitialized(DatabaseFile);
        var (before, refused, after) = (TestRuns.Create(), TestRuns.Create(), TestRuns.Create());
        await store.TryInsert(before, default);
        Directory.Move(DataDirectory, DataDirectory + "-away");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TryInsert(refused, default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Ping(default));

        Directory.Move(DataDirectory + "-away", DataDirectory);

        await store.Ping(default);
        await store.TryInsert(after, default);
        Assert.NotNull(await store.Find(before.Id, default));
        Assert.Null(await store.Find(refused.Id, default));
        Assert.NotNull(await store.Find(after.Id, default));
    }

    [Fact]
    public async Task A_replaced_file_is_reopened()
    {
        var other = Path.Combine(_root.FullName, "other", "runs.db");
        var (old, restored, added) = (TestRuns.Create(), TestRuns.Create(), TestRuns.Create());
        var another = await OpenInitialized(other);
        await another.TryInsert(restored, default);
        another.Dispose();
        var store = await OpenInitialized(DatabaseFile);
        await store.TryInsert(old, default);

        Directory.Delete(DataDirectory, recursive: true);
        Directory.Move(Path.GetDirectoryName(other)!, DataDirectory);

        await store.Ping(default);
        await store.TryInsert(added, default);
        Assert.Null(await store.Find(old.Id, default));
        Assert.NotNull(await store.Find(restored.Id, default));
        Assert.NotNull(await store.Find(added.Id, default));
    }

    [Fact]
    public async Task A_deleted_file_is_no_longer_read()
    {
        var store = await OpenInitialized(DatabaseFile);
        var run = TestRuns.Create();
        await store.TryInsert(run, default);
        Assert.NotNull(await store.Find(run.Id, default));

        Directory.Delete(DataDirectory, recursive: true);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_deleted_write_ahead_log_loses_no_acknowledged_run()
    {
        var store = await OpenInitialized(DatabaseFile);
        var (before, after) = (TestRuns.Create(), TestRuns.Create());
        await store.TryInsert(before, default);
        System.IO.File.Delete(DatabaseFile + "-wal");

        await store.TryInsert(after, default);
        var crashed = await OpenInitialized(CopyOf("runs.db", "runs.db-wal")); // closing the store would mend the file; a crash does not

        Assert.NotNull(await crashed.Find(before.Id, default));
        Assert.NotNull(await crashed.Find(after.Id, default));
    }

    [Fact]
    public async Task A_file_in_place_of_the_data_directory_is_reported_and_retried()
    {
        await System.IO.File.WriteAllTextAsync(DataDirectory, "");
        var store = Open(DatabaseFile);

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Initialize(default));

        Assert.Contains(DataDirectory, failure.Message, StringComparison.Ordinal);
        System.IO.File.Delete(DataDirectory);
        await store.Initialize(default);
        await store.Ping(default);
    }

    [Fact]
    public async Task A_file_that_is_not_a_database_is_reported_and_retried()
    {
        Directory.CreateDirectory(DataDirectory);
        await System.IO.File.WriteAllTextAsync(DatabaseFile, string.Join(' ', Enumerable.Repeat("This is no database.", 1000)));
        var store = Open(DatabaseFile);

        await AssertRefused(store, "no SQLite database");

        System.IO.File.Delete(DatabaseFile);
        await store.Initialize(default);
        await store.Ping(default);
    }

    [UnixFact]
    public async Task Files_and_directory_are_accessible_only_to_their_owner()
    {
        var store = await OpenInitialized(DatabaseFile);
        await store.TryInsert(TestRuns.Create(), default);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(DataDirectory).UnixFileMode);
        Assert.Equal(["runs.db", "runs.db-shm", "runs.db-wal"], Directory.GetFiles(DataDirectory).Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(DataDirectory), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode));
    }

    [MountFact]
    public async Task A_full_disk_rejects_writes_loses_nothing_and_recovers()
    {
        using var disk = SmallFileSystem.Mount(DataDirectory, "size=2m");
        var store = await OpenInitialized(DatabaseFile);
        var acknowledged = new List<Run>();
        StoreUnavailableException? refused = null;
        while (refused is null && acknowledged.Count < 1000)
        {
            var run = TestRuns.Create();
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
        Assert.Contains(DatabaseFile, refused.Message, StringComparison.Ordinal);
        Assert.Contains("the disk is full", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Ping(default));
        await AssertAllThere();

        disk.Remount("size=16m");
        await store.Ping(default);
        await store.TryInsert(TestRuns.Create(), default);
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
    public async Task A_read_only_disk_is_reported_and_retried()
    {
        using var disk = SmallFileSystem.Mount(DataDirectory, "size=8m");
        var first = await OpenInitialized(DatabaseFile);
        var run = TestRuns.Create();
        await first.TryInsert(run, default);
        first.Dispose();
        disk.Remount("ro");
        var store = Open(DatabaseFile);

        await AssertRefused(store, "read-only");

        disk.Remount("rw");
        await store.Ping(default);
        Assert.NotNull(await store.Find(run.Id, default));
    }

    private async Task AssertRefused(SqliteRunStore store, string cause)
    {
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TryInsert(TestRuns.Create(), default));
        Assert.True(refused.NothingWritten);
        Assert.Contains(DatabaseFile, refused.Message, StringComparison.Ordinal);
        Assert.Contains(cause, refused.Message, StringComparison.Ordinal);
    }

    // What a crash of the process leaves behind.
    private string CopyOf(params string[] files)
    {
        var copy = _root.CreateSubdirectory("copy").FullName;
        foreach (var file in files.Where(file => System.IO.File.Exists(Path.Combine(DataDirectory, file))))
        {
            System.IO.File.Copy(Path.Combine(DataDirectory, file), Path.Combine(copy, file));
        }

        return Path.Combine(copy, files[0]);
    }

    private async Task<SqliteRunStore> OpenInitialized(string file)
    {
        var store = Open(file);
        await store.Initialize(default);
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
internal sealed class SmallFileSystem : IDisposable
{
    private readonly string _directory;

    private SmallFileSystem(string directory) => _directory = directory;

    /// <summary>Whether this machine lets its user mount.</summary>
    public static bool IsSupported { get; } = CheckSupport();

    public static SmallFileSystem Mount(string directory, string options)
    {
        Directory.CreateDirectory(directory);
        Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory);
        return new SmallFileSystem(directory);
    }

    public void Remount(string options) => Run("mount", "-o", $"remount,{options}", _directory);

    // Lazily: a store that a failed test leaves open must not keep it.
    public void Dispose() => Run("umount", "-l", _directory);

    private static bool CheckSupport()
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
    public MountFactAttribute() => Skip = SmallFileSystem.IsSupported ? null : "Needs root on Linux, to mount a small file system.";
}
