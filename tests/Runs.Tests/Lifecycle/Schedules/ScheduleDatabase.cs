using Runs.Contracts;
using Runs.Store;
using Runs.Store.Sqlite;

namespace Runs.Tests.Lifecycle;

/// <summary>A SQLite file that the hosts of a test share, with the schedules and their runs.</summary>
internal sealed class ScheduleDatabase : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("runs-schedules-");
    private readonly SqliteDatabase _database;

    private ScheduleDatabase()
    {
        _database = new SqliteDatabase(Path.Combine(_directory.FullName, "runs.db"));
        (Schedules, Runs) = (new SqliteScheduleStore(_database), new SqliteRunStore(_database));
    }

    public IScheduleStore Schedules { get; }

    public IRunStore Runs { get; }

    public static async Task<ScheduleDatabase> Create()
    {
        var database = new ScheduleDatabase();
        await database.Runs.Initialize(default);
        return database;
    }

    public async Task<Schedule> Insert(Schedule schedule)
    {
        Assert.True(await Schedules.TryInsert(schedule, default));
        return schedule;
    }

    public async Task<Schedule> Find(Schedule schedule) => (await Schedules.Find(schedule.Id, default))!;

    /// <summary>Applies a change as a caller of the API does.</summary>
    public async Task Change(Schedule schedule, Func<Schedule, Schedule> change, DateTimeOffset now)
    {
        var next = change(await Find(schedule)).NextVersion(now);
        Assert.True(await Schedules.TryReplace(next, default));
    }

    /// <summary>The status of the run of a fire; null when there is none.</summary>
    public async Task<string?> FindStatus(Schedule schedule, DateTimeOffset fire) =>
        (await FindRun(schedule, fire))?.Status;

    public Task<Run?> FindRun(Schedule schedule, DateTimeOffset fire) =>
        Runs.Find(RunIds.ForRun(schedule.Tenant, ScheduledRuns.GetRunId(schedule.Id, fire)), default);

    /// <summary>Those of the times whose fire has a run.</summary>
    public async Task<IReadOnlyList<DateTimeOffset>> FindFires(Schedule schedule, IEnumerable<DateTimeOffset> times)
    {
        var fires = new List<DateTimeOffset>();
        foreach (var time in times)
        {
            if (await FindRun(schedule, time) is not null)
            {
                fires.Add(time);
            }
        }

        return fires;
    }

    /// <summary>Stores that a run has ended.</summary>
    public async Task End(Schedule schedule, DateTimeOffset fire, string status)
    {
        var run = (await FindRun(schedule, fire))!;
        var expected = RunVersion.From(run);
        (run.Version, run.Status, run.CompletedAt) = (run.Version + 1, status, run.CreatedAt.AddSeconds(1));
        run.Error = status == RunStatuses.Failed ? new RunError { Message = "It failed.", Code = "FAILED" } : null;
        Assert.True(await Runs.TryReplace(run, expected, default));
    }

    public void Dispose()
    {
        _database.Dispose();
        _directory.Delete(recursive: true);
    }
}
