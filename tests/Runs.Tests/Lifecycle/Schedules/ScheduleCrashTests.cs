using Microsoft.Extensions.Time.Testing;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// X22 and X23: several hosts share the schedules, are killed between any two steps, and have clocks that differ. Every
/// fire that was not skipped or missed has one run, and the counts add up.
/// </summary>
public sealed class ScheduleCrashTests
{
    private const int Schedules = 8;
    private const int Fires = 12;

    [Theory]
    [InlineData(2, 0)]
    [InlineData(5, 0)]
    [InlineData(3, 60)]
    public async Task Hosts_that_are_killed_at_any_time_create_one_run_for_each_fire(int hosts, int clockSkewSeconds)
    {
        using var database = await ScheduleDatabase.Create();
        var schedules = new List<Schedule>();
        for (var i = 0; i < Schedules; i++)
        {
            var policy = ConcurrencyPolicies.All[i % ConcurrencyPolicies.All.Count];
            var catchUp = CatchUpPolicies.All[i / ConcurrencyPolicies.All.Count];
            schedules.Add(await database.Insert(
                TestSchedules.Create("* * * * *") with { ConcurrencyPolicy = policy, CatchUp = catchUp }));
        }

        var random = new LockedRandom(22);
        var isKilling = true;
        var clocks = Enumerable.Range(0, hosts)
            .Select(host => new FakeTimeProvider(TestRuns.Noon.AddSeconds((host % 3 - 1) * clockSkewSeconds)))
            .ToList();
        var processes = clocks
            .ConvertAll(clock => new ScheduleHost(database, clock, () => isKilling && random.IsOneIn(12)));
        for (var elapsed = TimeSpan.Zero; elapsed < TimeSpan.FromMinutes(Fires); elapsed += TimeSpan.FromSeconds(15))
        {
            await Task.WhenAll(processes.Select(host => Task.Run(host.Poll)));
            clocks.ForEach(clock => clock.Advance(TimeSpan.FromSeconds(15)));
        }

        isKilling = false;
        clocks.ForEach(clock => clock.Advance(ScheduleTimes.TakeoverDelay));
        await processes[^1].PollUntilIdle();

        Assert.True(processes.Sum(host => host.Kills) > 10);
        foreach (var schedule in schedules)
        {
            await AssertCountsAddUp(database, await database.Find(schedule));
        }

        foreach (var host in processes)
        {
            await host.DisposeAsync();
        }
    }

    private static async Task AssertCountsAddUp(ScheduleDatabase database, Schedule schedule)
    {
        Assert.Null(schedule.Firing);
        var passed = Enumerable.Range(0, (int)(schedule.NextFireAt!.Value - TestRuns.Noon).TotalMinutes)
            .Select(minute => TestRuns.Noon.AddMinutes(minute))
            .ToList();
        var fires = await database.FindFires(schedule, passed.Append(schedule.NextFireAt.Value));
        Assert.Equal(passed.Count, schedule.RunCount + schedule.SkippedCount + schedule.MissedCount);
        Assert.Equal(schedule.RunCount, fires.Count);
        Assert.Equal(schedule.LastScheduledAt, fires[^1]);
        var active = await database.Schedules.ListActiveRuns(schedule, 1_000, default);
        Assert.Equal(schedule.ConcurrencyPolicy == ConcurrencyPolicies.Allow ? fires.Count : 1, active.Count);
        Assert.Contains(
            ScheduledRuns.GetRunId(schedule.Id, schedule.ConcurrencyPolicy == ConcurrencyPolicies.Forbid ? fires[0] : fires[^1]),
            active);
    }

    /// <summary>A fixed sequence that several hosts draw from.</summary>
    private sealed class LockedRandom(int seed)
    {
        private readonly Random _random = new(seed);

        public bool IsOneIn(int count)
        {
            lock (_random)
            {
                return _random.Next(count) == 0;
            }
        }
    }
}
