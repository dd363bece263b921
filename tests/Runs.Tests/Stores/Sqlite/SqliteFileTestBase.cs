using Runs.Store;
using Runs.Store.Sqlite;

namespace Runs.Tests.Stores;

/// <summary>Opens databases in a temporary directory.</summary>
public abstract class SqliteFileTestBase : IDisposable
{
    private readonly List<SqliteDatabase> _open = [];

    /// <summary>The directory that contains <see cref="DataDirectory"/>.</summary>
    protected DirectoryInfo Root { get; } = Directory.CreateTempSubdirectory("runs-file-");

    protected string DataDirectory => Path.Combine(Root.FullName, "data");

    protected string DatabaseFile => Path.Combine(DataDirectory, "runs.db");

    /// <summary>The database that was opened last.</summary>
    private protected SqliteDatabase LastDatabase => _open[^1];

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _open.ForEach(database => database.Dispose());
        Root.Delete(recursive: true);
    }

    protected async Task AssertRejected(IRunStore store, string cause)
    {
        var rejection = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TryInsert(TestRuns.Create(), default));
        Assert.True(rejection.NothingWritten);
        Assert.Contains(DatabaseFile, rejection.Message, StringComparison.Ordinal);
        Assert.Contains(cause, rejection.Message, StringComparison.Ordinal);
    }

    protected async Task<IRunStore> OpenInitialized(string file)
    {
        var store = Open(file);
        await store.Initialize(default);
        return store;
    }

    private protected ExceptionTranslatingRunStore Open(string file)
    {
        var database = new SqliteDatabase(file);
        _open.Add(database);
        return new ExceptionTranslatingRunStore(
            new SqliteRunStore(database), new SqliteExceptionTranslator(file, new StoreAvailability()));
    }
}
