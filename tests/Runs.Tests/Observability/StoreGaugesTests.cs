using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Store;
using Runs.Store.Sqlite;
using Runs.Tests.Stores;

namespace Runs.Tests.Observability;

/// <summary>The gauges that read the store.</summary>
public sealed class StoreGaugesTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("runs-gauges-");
    private readonly FakeTimeProvider _clock = new(TestRuns.Noon);
    private readonly TestMeterFactory _meters = new();
    private SqliteDatabase _database = null!;
    private SqliteRunStore _store = null!;

    public Task InitializeAsync()
    {
        _database = new SqliteDatabase(Path.Combine(_directory.FullName, "runs.db"));
        _store = new SqliteRunStore(_database);
        return _store.Initialize(default);
    }

    public Task DisposeAsync()
    {
        _meters.Dispose();
        _database.Dispose();
        _directory.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Unsent_messages_and_passed_due_times_are_reported_after_a_grace_period()
    {
        await _store.TryInsert(CreateRun(), default);
        using var measurements = new Measurements(_meters);
        using var gauges = new StoreGauges(_store, _meters, _clock, NullLogger<StoreGauges>.Instance);
        measurements.Observe();
        Assert.Empty(measurements.All);

        await gauges.Refresh(default);
        measurements.Observe();
        _clock.Advance(TimeSpan.FromSeconds(6));
        await gauges.Refresh(default);
        measurements.Observe();

        Assert.Equal([0, 1], measurements.Get("runs.outbox.depth"));
        Assert.Equal([0, 6], measurements.Get("runs.outbox.oldest.age"));
        Assert.Equal([1, 1], measurements.Get("runs.timers.overdue"));
    }

    [Fact]
    public async Task A_message_that_was_added_later_is_younger()
    {
        var run = CreateRun();
        await _store.TryInsert(run, default);
        using var measurements = new Measurements(_meters);
        using var gauges = new StoreGauges(_store, _meters, _clock, NullLogger<StoreGauges>.Instance);
        await gauges.Refresh(default);

        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.True(await _store.TryReplace(run.NextVersion(_ => { }), RunVersion.From(run), default));
        await gauges.Refresh(default);
        measurements.Observe();

        Assert.Equal([0], measurements.Get("runs.outbox.depth"));
    }

    private static Run CreateRun()
    {
        var run = TestRuns.Create();
        run.DueAt = TestRuns.Noon.AddMinutes(-1);
        run.Outbox.Add(new OutboxMessage(RunIds.ForRun("message", "1"), nameof(RunAccepted), new RawJson("{}")));
        return run;
    }
}
