using System.Text.Json;
using Microsoft.Data.Sqlite;
using Runs.Store;
using Runs.Store.Sqlite;

namespace Runs.Tests.Stores;

public sealed class SqliteRunStoreTests : RunStoreTests
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("runs-store-");
    private readonly List<SqliteRunStore> _open = [];

    private string File => Path.Combine(_directory.FullName, "new", "runs.db");

    protected override IApiKeyStore Keys => new SqliteApiKeyStore(File);

    protected override IRunStore Open() => OpenFile(File);

    protected override Task Close()
    {
        _open.ForEach(store => store.Dispose());
        _directory.Delete(recursive: true);
        return Task.CompletedTask;
    }

    protected override IRunStore OpenUnreachable() => OpenFile(_directory.FullName);

    [Fact]
    public async Task A_store_that_was_abandoned_left_every_run_that_it_said_was_stored()
    {
        var run = StoredRun.Full();
        await Store.TryInsert(run, default);

        StoredRun.AssertSame(run, await OpenFile(File).Find(run.Id, default));
    }

    [Fact]
    public async Task What_a_crash_leaves_on_the_disk_has_every_run_that_was_said_to_be_stored()
    {
        var runs = Enumerable.Range(0, 100).Select(_ => StoredRun.New()).ToList();
        await Task.WhenAll(runs.Select(run => Store.TryInsert(run, default)));
        var replaced = runs[0].Next(next => next.Name = "replaced");
        await Store.TryReplace(replaced, RunStamp.Of(runs[0]), default);

        // The files of a store that is still open are what a killed process leaves; the shared index (-shm) is rebuilt.
        var left = Path.Combine(_directory.FullName, "left.db");
        System.IO.File.Copy(File, left);
        System.IO.File.Copy(File + "-wal", left + "-wal");

        var store = OpenFile(left);
        StoredRun.AssertSame(replaced, await store.Find(replaced.Id, default));
        foreach (var run in runs.Skip(1))
        {
            StoredRun.AssertSame(run, await store.Find(run.Id, default));
        }
    }

    [Fact]
    public async Task A_write_that_fails_by_itself_fails_alone()
    {
        var runs = Enumerable.Range(0, 50).Select(_ => StoredRun.New()).ToList();
        var poison = StoredRun.New();
        poison.Status = null!;

        var failing = Task.Run(() => Store.TryInsert(poison, default));
        var inserted = await Task.WhenAll(runs.Select(run => Task.Run(() => Store.TryInsert(run, default))));

        await Assert.ThrowsAsync<SqliteException>(() => failing);
        Assert.All(inserted, Assert.True);
        Assert.All(await Task.WhenAll(runs.Select(run => Store.Find(run.Id, default))), Assert.NotNull);
    }

    [Fact]
    public async Task Two_stores_over_one_file_agree_on_one_winner()
    {
        var other = OpenFile(File);
        var run = StoredRun.New();

        var won = await Task.WhenAll(Enumerable.Range(0, 40).Select(attempt =>
            Task.Run(() => (attempt % 2 == 0 ? Store : other).TryInsert(run.Next(next => next.Name = $"attempt {attempt}"), default))));

        Assert.Single(won, true);
        StoredRun.AssertSame((await Store.Find(run.Id, default))!, await other.Find(run.Id, default));
    }

    [Fact]
    public async Task A_closed_store_has_finished_its_writes_and_takes_no_more()
    {
        var store = OpenFile(File);
        var runs = Enumerable.Range(0, 50).Select(_ => StoredRun.New()).ToList();
        var writes = runs.Select(run => store.TryInsert(run, default)).ToList();

        store.Dispose();

        Assert.All(await Task.WhenAll(writes), Assert.True);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TryInsert(StoredRun.New(), default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Find(runs[0].Id, default));
        Assert.NotNull(await Store.Find(runs[49].Id, default));
    }

    [Fact]
    public async Task A_file_of_a_later_release_is_left_alone()
    {
        var file = Path.Combine(_directory.FullName, "later.db");
        using (var connection = new SqliteConnection($"Data Source={file};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => OpenFile(file).Prepare(default));

        Assert.Contains("later release", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_the_first_release_is_upgraded_with_its_runs()
    {
        var file = Path.Combine(_directory.FullName, "first.db");
        var run = StoredRun.New();
        using (var connection = new SqliteConnection($"Data Source={file};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $$"""
                CREATE TABLE runs (id TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL, version INTEGER NOT NULL,
                    project_id TEXT, conversation_id TEXT, parent_run_id TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, due_at INTEGER,
                    outbox TEXT, document TEXT NOT NULL) STRICT;
                INSERT INTO runs VALUES ('{{run.Id}}', 'dev', 'agent', 'pending', 1, NULL, NULL, NULL, 0, 0, NULL, NULL,
                    '{"id":"{{run.Id}}","tenant":"dev","run_id":"{{run.RunId}}","kind":"agent","status":"pending","version":1,"owner":{"kind":"project","id":"p"},
                      "root_run_id":"{{run.RunId}}","trigger":{"conversation_id":"spawner"},"created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z",
                      "latest_event_id":0,"latest_external_event_sequence":0,"request":{} }');
                PRAGMA user_version = 1;
                """;
            command.ExecuteNonQuery();
        }

        var store = OpenFile(file);
        await store.Prepare(default);
        var found = (await store.Find(run.Id, default))!;
        Assert.True(await store.TryAppend(found, [StoredRun.Event(1)], default));

        Assert.Equal((run.RunId, 1), (found.RunId, (await store.Find(run.Id, default))!.LatestEventId));
        Assert.Single((await store.List(new RunQuery { Tenant = "dev", ParentConversationId = "spawner" }, null, 10, default)).Runs);
    }

    [Fact]
    public async Task A_person_sees_the_names_of_the_api_in_their_order()
    {
        await Store.TryInsert(StoredRun.Full(), default);

        using var connection = new SqliteConnection($"Data Source={File};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT json_group_array(key) FROM runs, json_each(document)";

        var names = typeof(Run).GetProperties().Select(member => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name));
        Assert.Equal(names.Except(["outbox", "recent_events", "latest_event_id", "latest_external_event_sequence", "latest_event_at"]), JsonSerializer.Deserialize<string[]>((string)command.ExecuteScalar()!));
    }

    private SqliteRunStore OpenFile(string file)
    {
        var store = new SqliteRunStore(file, Availability);
        _open.Add(store);
        return store;
    }
}
