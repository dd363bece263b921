using Runs.Contracts;
using Runs.Store;
using Runs.Store.Sqlite;

namespace Runs.Tests.Stores;

/// <summary>The API keys of the embedded store when its file is deleted or replaced.</summary>
public sealed class SqliteApiKeyFileTests : SqliteFileTestBase
{
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
        var other = Path.Combine(Root.FullName, "other", "runs.db");
        await OpenInitialized(other);
        await OpenKeys().TryInsert(CreateKey("restored"), default);
        LastDatabase.Dispose();
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

    // The API keys of the file that was opened last.
    private ExceptionTranslatingApiKeyStore OpenKeys() => new(
        new SqliteApiKeyStore(LastDatabase), new SqliteExceptionTranslator(DatabaseFile, new StoreAvailability()));

    private static ApiKeyRecord CreateKey(string prefix) =>
        new() { Prefix = prefix, SecretSha256 = "hash", Tenant = "dev", ActorType = ResponderTypes.Agent, CreatedAt = TestRuns.Noon };
}
