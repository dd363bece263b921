using System.Text.Json;
using Microsoft.Data.Sqlite;
using Runs.Store;
using Runs.Store.Sqlite;

namespace Runs.Tests.Stores;

public sealed class SqliteRunStoreTests : RunStoreTests
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("runs-store-");
    private readonly List<SqliteDatabase> _open = [];

    private string DatabaseFile => Path.Combine(_directory.FullName, "new", "runs.db");

    protected override IApiKeyStore ApiKeyStore => new SqliteApiKeyStore(_open[0]);

    protected override IWorkerStore WorkerStore => new SqliteWorkerStore(_open[0]);

    protected override IRunStore Open() => OpenFile(DatabaseFile);

    protected override Task Close()
    {
        _open.ForEach(database => database.Dispose());
        _directory.Delete(recursive: true);
        return Task.CompletedTask;
    }

    protected override IRunStore OpenUnreachable() => OpenFile(_directory.FullName);

    [Fact]
    public async Task An_abandoned_store_has_every_acknowledged_run()
    {
        var run = TestRuns.CreateFull();
        await Store.TryInsert(run, default);

        TestRuns.AssertEqual(run, await OpenFile(DatabaseFile).Find(run.Id, default));
    }

    [Fact]
    public async Task The_files_after_a_crash_have_every_acknowledged_run()
    {
        var runs = Enumerable.Range(0, 100).Select(_ => TestRuns.Create()).ToList();
        await Task.WhenAll(runs.Select(run => Store.TryInsert(run, default)));
        var replaced = runs[0].NextVersion(next => next.Name = "replaced");
        await Store.TryReplace(replaced, RunVersion.From(runs[0]), default);

        // The files of a store that is still open are what a killed process leaves; the shared index (-shm) is rebuilt.
        var copy = Path.Combine(_directory.FullName, "copy.db");
        File.Copy(DatabaseFile, copy);
        File.Copy(DatabaseFile + "-wal", copy + "-wal");

        var store = OpenFile(copy);
        TestRuns.AssertEqual(replaced, await store.Find(replaced.Id, default));
        foreach (var run in runs.Skip(1))
        {
            TestRuns.AssertEqual(run, await store.Find(run.Id, default));
        }
    }

    [Fact]
    public async Task A_failed_write_does_not_fail_its_batch()
    {
        var runs = Enumerable.Range(0, 50).Select(_ => TestRuns.Create()).ToList();
        var poison = TestRuns.Create();
        poison.Status = null!;

        var failing = Task.Run(() => Store.TryInsert(poison, default));
        var inserted = await Task.WhenAll(runs.Select(run => Task.Run(() => Store.TryInsert(run, default))));

        await Assert.ThrowsAsync<SqliteException>(() => failing);
        Assert.All(inserted, Assert.True);
        Assert.All(await Task.WhenAll(runs.Select(run => Store.Find(run.Id, default))), Assert.NotNull);
    }

    [Fact]
    public async Task Two_stores_over_one_file_have_one_winner()
    {
        var other = OpenFile(DatabaseFile);
        var run = TestRuns.Create();

        var won = await Task.WhenAll(Enumerable.Range(0, 40).Select(attempt => Task.Run(() =>
        {
            var store = attempt % 2 == 0 ? Store : other;
            return store.TryInsert(run.NextVersion(next => next.Name = $"attempt {attempt}"), default);
        })));

        Assert.Single(won, true);
        TestRuns.AssertEqual((await Store.Find(run.Id, default))!, await other.Find(run.Id, default));
    }

    [Fact]
    public async Task A_closed_store_has_completed_its_writes_and_rejects_further_ones()
    {
        var store = OpenFile(DatabaseFile);
        var database = _open[^1];
        var runs = Enumerable.Range(0, 50).Select(_ => TestRuns.Create()).ToList();
        var writes = runs.Select(run => store.TryInsert(run, default)).ToList();

        database.Dispose();

        Assert.All(await Task.WhenAll(writes), Assert.True);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TryInsert(TestRuns.Create(), default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Find(runs[0].Id, default));
        Assert.NotNull(await Store.Find(runs[49].Id, default));
    }

    [Fact]
    public async Task A_file_of_a_later_release_is_rejected_unchanged()
    {
        var file = Path.Combine(_directory.FullName, "later.db");
        using (var connection = new SqliteConnection($"Data Source={file};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => OpenFile(file).Initialize(default));

        Assert.Contains("later release", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_the_first_release_is_migrated_with_its_runs()
    {
        var (root, child) = (TestRuns.Create(), TestRuns.Create());
        (child.ParentRunId, child.RootRunId) = (root.RunId, root.RunId);
        var schedule = TestSchedules.Create();
        child.ScheduleId = schedule.Id.ToString();
        var file = Path.Combine(_directory.FullName, "earlier.db");
        var earlier = OpenFile(file);
        await earlier.Initialize(default);
        await earlier.TryInsert(root, default);
        await earlier.TryInsert(child, default);
        var (ready, held) = (await InsertReady(TestRuns.Noon.AddMilliseconds(123), earlier), await InsertHeld("w", "p", store: earlier));
        using (var connection = new SqliteConnection($"Data Source={file};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText =
                """
                DROP TABLE workers;
                DROP TABLE schedules;
                DROP INDEX runs_by_schedule;
                DROP INDEX runs_by_root;
                DROP INDEX runs_claim;
                DROP INDEX runs_claim_kind;
                DROP INDEX runs_by_lease_owner;
                ALTER TABLE runs DROP COLUMN root_run_id;
                ALTER TABLE runs DROP COLUMN run_id;
                ALTER TABLE runs DROP COLUMN claim_rank;
                ALTER TABLE runs DROP COLUMN claim_pool;
                ALTER TABLE runs DROP COLUMN claim_kind_pool;
                ALTER TABLE runs DROP COLUMN lease_owner;
                ALTER TABLE runs DROP COLUMN lease_instance;
                ALTER TABLE runs DROP COLUMN lease_expires_at;
                ALTER TABLE runs DROP COLUMN renewals;
                ALTER TABLE runs DROP COLUMN worker_session;
                ALTER TABLE runs DROP COLUMN schedule_id;
                UPDATE runs SET document = json_set(document, '$.lease_expires_at', '2026-09-01T12:01:00.000Z')
                    WHERE document ->> '$.lease_owner' IS NOT NULL;
                PRAGMA user_version = 1;
                """;
            command.ExecuteNonQuery();
        }

        var migrated = OpenFile(file);
        await migrated.Initialize(default);
        var later = TestRuns.Create();
        (later.ParentRunId, later.RootRunId, later.CreatedAt) = (child.RunId, root.RunId, child.CreatedAt.AddSeconds(1));
        await migrated.TryInsert(later, default);

        Assert.Equal(
            [child.RunId, later.RunId],
            (await migrated.ListDescendants("dev", root.RunId, null, 10, default)).Select(run => run.RunId));
        var candidate = Assert.Single(await migrated.ListClaimable("dev", Pool, 10, default));
        Assert.Equal(new ClaimCandidate(ready.RunId, ready.ClaimRank!.Value), candidate);
        Assert.Equal(held.LeaseExpiresAt, Assert.Single(await migrated.ListLeases("dev", "w", "p", 10, default)).LeaseExpiresAt);
        TestRuns.AssertEqual(held, await migrated.Find(held.Id, default));
        Assert.Equal([child.RunId], await new SqliteScheduleStore(_open[^1]).ListActiveRuns(schedule, 10, default));
    }

    [Fact]
    public async Task An_append_is_one_row_with_its_events_as_JSON()
    {
        var run = TestRuns.Create();
        await Store.TryInsert(run, default);
        await Store.TryAppend(run, [TestRuns.CreateEvent(1), TestRuns.CreateEvent(2)], default);

        using var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT first_event_id || ' ' || last_event_id || ' ' || (events ->> '$[1].event_type') FROM run_events";

        Assert.Equal("1 2 CUSTOM", command.ExecuteScalar());
    }

    [Fact]
    public async Task A_reader_of_public_events_does_not_read_large_hidden_ones()
    {
        var run = TestRuns.Create();
        await Store.TryInsert(run, default);
        await Store.TryAppend(run, [TestRuns.CreateEvent(1), TestRuns.CreateLargeHiddenEvent(2), TestRuns.CreateEvent(3)], default);
        using var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE run_events SET events = 'not read' WHERE first_event_id = 2";
        Assert.Equal(1, command.ExecuteNonQuery());

        run = (await Store.Find(run.Id, default))!;
        var events = await Store.ReadEvents(run, 0, 10, EventVisibility.Public, default);

        Assert.Equal([1, 3], events.Select(item => item.EventId));
    }

    [Fact]
    public async Task Columns_have_the_names_and_order_of_the_API()
    {
        await Store.TryInsert(TestRuns.CreateFull(), default);

        using var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT json_group_array(key) FROM runs, json_each(document)";

        var names = typeof(Run).GetProperties().Select(member => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name));
        string[] outsideDocument =
        [
            "outbox", "embedded_events", "latest_event_id", "latest_external_event_sequence", "latest_event_at", "due_at",
            "lease_expires_at", "renewals", "worker_session",
        ];
        Assert.Equal(names.Except(outsideDocument), JsonSerializer.Deserialize<string[]>((string)command.ExecuteScalar()!));
    }

    private ExceptionTranslatingRunStore OpenFile(string file)
    {
        var database = new SqliteDatabase(file);
        _open.Add(database);
        return new ExceptionTranslatingRunStore(new SqliteRunStore(database), new SqliteExceptionTranslator(file, Availability));
    }
}
