using Runs.Store;
using Runs.Store.Sqlite;

namespace Runs.Tests.Stores;

public sealed class SqliteScheduleStoreTests : ScheduleStoreTests
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("runs-schedules-");
    private SqliteDatabase _database = null!;

    protected override (IScheduleStore Schedules, IRunStore Runs) Open()
    {
        _database = new SqliteDatabase(Path.Combine(_directory.FullName, "runs.db"));
        return (new SqliteScheduleStore(_database), new SqliteRunStore(_database));
    }

    protected override Task Close()
    {
        _database.Dispose();
        _directory.Delete(recursive: true);
        return Task.CompletedTask;
    }
}
