using Runs.Contracts;
using Runs.Store;
using Runs.Store.Sqlite;

namespace Runs.Tests.Stores;

/// <summary>
/// The embedded store when its file, its directory, its permissions or its disk are taken away while it is open.
/// </summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("runs-file-");
    private readonly List<SqliteDatabase> _open = [];

    private string DataDirectory => Path.Combine(_root.FullName, "data");

    private string DatabaseFile => Path.Combine(DataDirectory, "runs.db");

    public void Dispose()
    {
        _open.ForEach(database => database.Dispose());
        _root.Delete(recursive: true);
    }

    [Fact]
    public async Task A_write_to_a_deleted_file_fails_and_creates_no_empty_database()
    {
        var store = await OpenInitialized(DatabaseFile);
        await store.TryInsert(TestRuns.Create(), default);
        Directory.Delete(DataDirectory, recursive: true);

        await AssertRejected(store, "its directory is not there");
        Directory.CreateDirectory(DataDirectory);
        await AssertRejected(store, "it is not there");
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
        var other = Path.Combine(_root.FullName, "other", "runs.db");
        var (old, restored, added) = (TestRuns.Create(), TestRuns.Create(), TestRuns.Create());
        await (await OpenInitialized(other)).TryInsert(restored, default);
        _open[^1].Dispose();
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
    public async Task Keys_of_a_deleted_file_are_no_longer_read_or_written()
    {
        await OpenInitialized(DatabaseFile);
        var keys = OpenKeys();
        await keys.TryInsert(CreateKey("known"), default);
        Assert.Single(await keys.List("dev", default));

        Directory.Delete(DataDirectory, recursive: true);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => keys.List("dev", default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => keys.TryInsert(CreateKey("new"), default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => keys.ExpireAt("known", TestRuns.Noon, default));
        Assert.False(File.Exists(DatabaseFile));
    }

    [Fact]
    public async Task Keys_of_a_replaced_file_are_read_and_written_by_the_key_store_alone()
    {
        var other = Path.Combine(_root.FullName, "other", "runs.db");
        await OpenInitialized(other);
        await OpenKeys().TryInsert(CreateKey("restored"), default);
        _open[^1].Dispose();
        await OpenInitialized(DatabaseFile);
        var keys = OpenKeys();
        await keys.TryInsert(CreateKey("old"), default);
        Assert.Single(await keys.List("dev", default));

        Directory.Delete(DataDirectory, recursive: true);
        Directory.Move(Path.GetDirectoryName(other)!, DataDirectory);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => keys.List("dev", default)); // closes the connections
        Assert.Equal("restored", Assert.Single(await keys.List("dev", default)).Prefix);
        Assert.True(await keys.ExpireAt("restored", TestRuns.Noon.AddDays(1), default));
        Assert.Equal(TestRuns.Noon.AddDays(1), Assert.Single(await keys.List("dev", default)).NotAfter);
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

        await AssertRejected(store, "no SQLite database");

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

    [MountFact]
    public async Task A_full_disk_rejects_writes_loses_nothing_and_recovers()
    {
        using var disk = SmallFileSystem.Mount(DataDirectory, "size=2m");
        var store = await OpenInitialized(DatabaseFile);
        var acknowledged = new List<Run>();
        StoreUnavailableException? rejection = null;
        while (rejection is null && acknowledged.Count < 1000)
        {
            var run = TestRuns.Create();
            run.Name = new string('x', 60_000);
            try
            {
                await store.TryInsert(run, default);
                acknowledged.Add(run);
            }
            catch (StoreUnavailableException exception)
            {
                rejection = exception;
            }
        }

        Assert.True(rejection!.NothingWritten);
        Assert.Contains(DatabaseFile, rejection.Message, StringComparison.Ordinal);
        Assert.Contains("the disk is full", rejection.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Ping(default));
        await AssertAllAcknowledgedAreStored();

        disk.Remount("size=16m");
        await store.Ping(default);
        await store.TryInsert(TestRuns.Create(), default);
        await AssertAllAcknowledgedAreStored();

        async Task AssertAllAcknowledgedAreStored()
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
        _open[^1].Dispose();
        disk.Remount("ro");
        var store = Open(DatabaseFile);

        await AssertRejected(store, "read-only");

        disk.Remount("rw");
        await store.Ping(default);
        Assert.NotNull(await store.Find(run.Id, default));
    }

    private async Task AssertRejected(IRunStore store, string cause)
    {
        var rejection = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TryInsert(TestRuns.Create(), default));
        Assert.True(rejection.NothingWritten);
        Assert.Contains(DatabaseFile, rejection.Message, StringComparison.Ordinal);
        Assert.Contains(cause, rejection.Message, StringComparison.Ordinal);
    }

    // Copies the files in the state that a crash of the process would leave.
    private string CopyFiles(params string[] files)
    {
        var copy = _root.CreateSubdirectory("copy").FullName;
        foreach (var file in files.Where(file => File.Exists(Path.Combine(DataDirectory, file))))
        {
            File.Copy(Path.Combine(DataDirectory, file), Path.Combine(copy, file));
        }

        return Path.Combine(copy, files[0]);
    }

    private async Task<IRunStore> OpenInitialized(string file)
    {
        var store = Open(file);
        await store.Initialize(default);
        return store;
    }

    private ExceptionTranslatingRunStore Open(string file)
    {
        var database = new SqliteDatabase(file);
        _open.Add(database);
        return new ExceptionTranslatingRunStore(
            new SqliteRunStore(database), new SqliteExceptionTranslator(file, new StoreAvailability()));
    }

    // The API keys of the file that was opened last.
    private ExceptionTranslatingApiKeyStore OpenKeys() => new(
        new SqliteApiKeyStore(_open[^1]), new SqliteExceptionTranslator(DatabaseFile, new StoreAvailability()));

    private static ApiKeyRecord CreateKey(string prefix) =>
        new() { Prefix = prefix, SecretSha256 = "hash", Tenant = "dev", ActorType = ResponderTypes.Agent, CreatedAt = TestRuns.Noon };
}
