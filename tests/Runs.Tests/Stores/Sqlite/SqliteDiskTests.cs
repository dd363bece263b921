using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>The embedded store when its disk is full or read-only.</summary>
public sealed class SqliteDiskTests : SqliteFileTestBase
{
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
        LastDatabase.Dispose();
        disk.Remount("ro");
        var store = Open(DatabaseFile);

        await AssertRejected(store, "read-only");

        disk.Remount("rw");
        await store.Ping(default);
        Assert.NotNull(await store.Find(run.Id, default));
    }
}
