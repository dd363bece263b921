using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>The health of a schedule after its runs have ended, for any order of the messages.</summary>
public sealed class ScheduleOutcomeConsumerTests : IAsyncLifetime
{
    private ScheduleDatabase _database = null!;
    private ServiceProvider _services = null!;
    private Schedule _schedule = null!;

    public async Task InitializeAsync()
    {
        _database = await ScheduleDatabase.Create();
        var tomorrow = TestRuns.Noon.AddDays(1);
        _schedule = await _database.Insert(TestSchedules.Create() with { NextFireAt = tomorrow, DueAt = tomorrow });
        _services = new ServiceCollection()
            .AddSingleton(_database.Runs)
            .AddSingleton(_database.Schedules)
            .AddSingleton<TimeProvider>(new FakeTimeProvider(TestRuns.Noon))
            .AddMassTransitTestHarness(bus => bus.AddConsumer<ScheduleOutcomeConsumer>())
            .BuildServiceProvider(validateScopes: true);
        await _services.GetTestHarness().Start();
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task The_outcome_of_a_run_shows_without_another_fire()
    {
        var run = await InsertRun(minute: 0, endMinute: 1, RunStatuses.Completed);

        await Publish(run);

        var stored = await _database.Find(_schedule);
        Assert.Equal((ScheduleHealths.Healthy, Noon(1)), (stored.Health, stored.LastSuccessfulAt));
        Assert.Null(stored.LastFailureAt);
        Assert.Equal((_schedule.NextFireAt, _schedule.DueAt), (stored.NextFireAt, stored.DueAt));
        Assert.Equal(_schedule.UpdatedAt, stored.UpdatedAt);
        await Publish(run);
        Assert.Equal(stored.Version, (await _database.Find(_schedule)).Version);
    }

    [Theory]
    [InlineData(0, 1, 2, 3)]
    [InlineData(3, 2, 1, 0)]
    [InlineData(2, 0, 3, 1)]
    public async Task The_order_of_the_messages_does_not_matter(params int[] order)
    {
        var runs = new[]
        {
            await InsertRun(minute: 0, endMinute: 9, RunStatuses.Completed), // the oldest run ends last
            await InsertRun(minute: 1, endMinute: 2, RunStatuses.Failed),
            await InsertRun(minute: 2, endMinute: 8, RunStatuses.Failed),
            await InsertRun(minute: 3, endMinute: 4, RunStatuses.Failed),
        };

        foreach (var index in order)
        {
            await Publish(runs[index]);
        }

        var stored = await _database.Find(_schedule);
        Assert.Equal(
            (ScheduleHealths.Failing, Noon(9), Noon(8), runs[2].RunId, "E"),
            (stored.Health, stored.LastSuccessfulAt, stored.LastFailureAt, stored.LastFailureRunId, stored.LastFailureCode));
    }

    [Fact]
    public async Task Concurrent_messages_are_all_considered()
    {
        var runs = new List<Run>();
        for (var minute = 0; minute < 20; minute++)
        {
            runs.Add(await InsertRun(minute, endMinute: minute + 1, minute % 2 == 0 ? RunStatuses.Completed : RunStatuses.Failed));
        }

        await Task.WhenAll(runs.Select(Publish));

        var stored = await _database.Find(_schedule);
        Assert.Equal((Noon(19), Noon(20)), (stored.LastSuccessfulAt, stored.LastFailureAt));
    }

    [Fact]
    public async Task What_is_not_the_end_of_a_run_of_the_schedule_changes_nothing()
    {
        var running = await InsertRun(minute: 0, endMinute: 1, RunStatuses.Running);
        var cancelled = await InsertRun(minute: 0, endMinute: 1, RunStatuses.Cancelled);
        var foreign = await InsertRun(minute: 0, endMinute: 1, RunStatuses.Failed, tenant: "other");
        var unrelated = await InsertRun(minute: 0, endMinute: 1, RunStatuses.Failed, scheduleId: $"{Guid.CreateVersion7()}");

        await Publish(CreateMessage(running) with { Status = RunStatuses.Failed }); // forged
        await Publish(cancelled);
        await Publish(foreign);
        await Publish(CreateMessage(unrelated) with { ScheduleId = $"{_schedule.Id}" });
        await Publish(CreateMessage(unrelated) with { ScheduleId = "no UUID" });
        await Publish(CreateMessage(unrelated) with { RunId = "missing" });

        Assert.Equal(_schedule.Version, (await _database.Find(_schedule)).Version);
        Assert.False(await _services.GetTestHarness().Published.Any<Fault<RunFinished>>(new CancellationToken(true)));
    }

    private static DateTimeOffset Noon(int minute) => TestRuns.Noon.AddMinutes(minute);

    private async Task<Run> InsertRun(int minute, int endMinute, string status, string tenant = "dev", string? scheduleId = null)
    {
        var run = TestRuns.Create(tenant);
        (run.Status, run.ScheduleId, run.CreatedAt) = (status, scheduleId ?? $"{_schedule.Id}", Noon(minute));
        run.CompletedAt = RunStatuses.IsTerminal(status) ? Noon(endMinute) : null;
        run.Error = status == RunStatuses.Failed ? new RunError { Message = "failed", Code = "E" } : null;
        Assert.True(await _database.Runs.TryInsert(run, default));
        return run;
    }

    private static RunFinished CreateMessage(Run run) => new()
    {
        Tenant = run.Tenant,
        RunId = run.RunId,
        Kind = run.Kind,
        Owner = run.Owner,
        Status = run.Status,
        ScheduleId = run.ScheduleId,
        OccurredAt = TestRuns.Noon,
    };

    private Task Publish(Run run) => Publish(CreateMessage(run));

    private async Task Publish(RunFinished message)
    {
        var id = Guid.CreateVersion7();
        var harness = _services.GetTestHarness();
        await harness.Bus.Publish(message, context => context.MessageId = id);
        Assert.True(await harness.Consumed.Any<RunFinished>(consumed => consumed.Context.MessageId == id && consumed.Exception is null));
    }
}
