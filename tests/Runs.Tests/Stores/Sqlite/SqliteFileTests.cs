using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>The embedded store when its file or its directory is deleted, replaced or unusable.</summary>
public sealed class SqliteFileTests : SqliteFileTestBase
{
    [Fact]
    public async Task A_write_to_a_deleted_file_fails_and_creates_no_empty_database()
    {
        var store = await OpenInitialized(DatabaseFile);
        await store.TryInsert(TestRuns.Create(), default);
        Directory.Delete(DataDirectory, recursive: true);

        await AssertRejected(store, "its directory does not exist");
        Directory.CreateDirectory(DataDirectory);
        await AssertRejected(store, "it does not exist");
        Assert.Empty(Directory.GetFiles(DataDirectory));
    }

    [Fact]
    public async Task A_restored_directory_is_used_again_and_has_every_acknowledged_run()
    {
        var store = await OpenInitialized(DatabaseFile);
        var (before, rejected, after) = (TestRuns.Create(), TestRuns.Create(), TestRuns.Create());
        await store.TryInsert(before, default);
        Directory.Move(DataDirectory, DataDirectory + "-away");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TryInsert(rejected, default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Ping(default));

        Directory.Move(DataDirectory + "-away", DataDirectory);

        await store.Ping(default);
        await store.TryInsert(after, default);
        Assert.NotNull(await store.Find(before.Id, default));
        Assert.Null(await store.Find(rejected.Id, default));
        Assert.NotNull(await store.Find(after.Id, default));
    }

    [Fact]
    public async Task A_replaced_file_is_reopened()
    {
        var other = Path.Combine(Root.FullName, "other", "runs.db");
        var (old, restored, added) = (TestRuns.Create(), TestRuns.Create(), TestRuns.Create());
        await (await OpenInitialized(other)).TryInsert(restored, default);
        LastDatabase.Dispose();
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
        File.Delete(DatabaseFile + "-wal");

        await store.TryInsert(after, default);
        var crashed = await OpenInitialized(CopyFiles("runs.db", "runs.db-wal")); // closing the store would repair the file

        Assert.NotNull(await crashed.Find(before.Id, default));
        Assert.NotNull(await crashed.Find(after.Id, default));
    }

    [Fact]
    public async Task A_file_in_place_of_the_data_directory_is_reported_and_retried()
    {
        await File.WriteAllTextAsync(DataDirectory, "");
        var store = Open(DatabaseFile);

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Initialize(default));

        Assert.Contains(DataDirectory, failure.Message, StringComparison.Ordinal);
        File.Delete(DataDirectory);
        await store.Initialize(default);
        await store.Ping(default);
    }

    [Fact]
    public async Task A_file_that_is_not_a_database_is_reported_and_retried()
    {
        Directory.CreateDirectory(DataDirectory);
        await File.WriteAllTextAsync(DatabaseFile, string.Join(' ', Enumerable.Repeat("This is no database.", 1000)));
        var store = Open(DatabaseFile);

        await AssertRejected(store, "not a SQLite database");

        File.Delete(DatabaseFile);
        await store.Initialize(default);
        await store.Ping(default);
    }

    [UnixFact]
    public async Task Files_and_directory_are_accessible_only_to_their_owner()
    {
        var store = await OpenInitialized(DatabaseFile);
        await store.TryInsert(TestRuns.Create(), default);

        const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(ReadWrite | UnixFileMode.UserExecute, new DirectoryInfo(DataDirectory).UnixFileMode);
        Assert.Equal(["runs.db", "runs.db-shm", "runs.db-wal"], Directory.GetFiles(DataDirectory).Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(DataDirectory), file => Assert.Equal(ReadWrite, new FileInfo(file).UnixFileMode));
    }

    // Copies the files in the state that a crash of the process would leave.
    private string CopyFiles(params string[] files)
    {
        var copy = Root.CreateSubdirectory("copy").FullName;
        foreach (var file in files.Where(file => File.Exists(Path.Combine(DataDirectory, file))))
        {
            File.Copy(Path.Combine(DataDirectory, file), Path.Combine(copy, file));
        }

        return Path.Combine(copy, files[0]);
    }
}
