using Microsoft.Extensions.Time.Testing;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;
using Xunit.Abstractions;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// X22 and X23: several hosts share the schedules, are killed between any two steps, and have clocks that differ. Every
/// fire that was not skipped or missed has one run, and the counts add up.
/// </summary>
public sealed class ScheduleCrashTests(ITestOutputHelper output)
{
    /// <summary>The variable that selects the complete test: 1,000 schedules with 100 fires each.</summary>
    private const string SizeVariable = "RUNS_CRASH_CASES";

    private static readonly bool IsComplete = Environment.GetEnvironmentVariable(SizeVariable) == "all";
    private static readonly int Schedules = IsComplete ? 1_000 : 9;
    private static readonly int Fires = IsComplete ? 100 : 12;

    [Theory]
    [InlineData(2, 0)]
    [InlineData(5, 0)]
    [InlineData(3, 60)]
    public async Task Hosts_that_are_killed_at_any_time_create_one_run_for_each_fire(int hosts, int clockSkewSeconds)
    {
        using var database = await ScheduleDatabase.Create();
        var schedules = await Task.WhenAll(Enumerable.Range(0, Schedules).Select(i => database.Insert(CreateSchedule(i))));
        var random = new LockedRandom(22);
        var isKilling = true;
        var clocks = Enumerable.Range(0, hosts)
            .Select(host => new FakeTimeProvider(TestRuns.Noon.AddSeconds((host % 3 - 1) * clockSkewSeconds)))
            .ToList();

        // Each call of the store may be the last one. A round of many schedules has many calls.
        var processes = clocks
            .ConvertAll(clock => new ScheduleHost(database, clock, () => isKilling && random.IsOneIn(IsComplete ? 300 : 12)));
        for (var elapsed = TimeSpan.Zero; elapsed < TimeSpan.FromMinutes(Fires); elapsed += TimeSpan.FromSeconds(15))
        {
            await Task.WhenAll(processes.Select(host => Task.Run(() => PollRounds(host))));
            clocks.ForEach(clock => clock.Advance(TimeSpan.FromSeconds(15)));
        }

        isKilling = false;
        clocks.ForEach(clock => clock.Advance(ScheduleTimes.TakeoverDelay));
        await processes[^1].PollUntilIdle();

        Assert.True(processes.Sum(host => host.Kills) > 10);
        long fires = 0;
        foreach (var schedule in schedules)
        {
            fires += await AssertCountsAddUp(database, await database.Find(schedule));
        }

        output.WriteLine($"{fires} runs of {schedules.Length} schedules; {processes.Sum(host => host.Kills)} kills of {hosts} hosts.");
        foreach (var host in processes)
        {
            await host.DisposeAsync();
        }
    }

    private static Schedule CreateSchedule(int number)
    {
        var policy = ConcurrencyPolicies.All[number % ConcurrencyPolicies.All.Count];
        var catchUp = CatchUpPolicies.All[number / ConcurrencyPolicies.All.Count % CatchUpPolicies.All.Count];
        return TestSchedules.Create("* * * * *") with { ConcurrencyPolicy = policy, CatchUp = catchUp };
    }

    // A few rounds for each moment, whether or not the process is killed in one: others continue later.
    private static async Task PollRounds(ScheduleHost host)
    {
        for (var round = 0; round < 1 + (Schedules / ScheduleProcessor.MaxSchedulesPerRound * 2) && await host.Poll(); round++)
        {
        }
    }

    private static async Task<int> AssertCountsAddUp(ScheduleDatabase database, Schedule schedule)
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
        return fires.Count;
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
