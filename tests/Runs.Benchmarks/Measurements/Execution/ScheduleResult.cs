namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>Schedules that were due at the same time.</summary>
/// <param name="Schedules">The number of schedules.</param>
/// <param name="Idle">The server while none was due.</param>
/// <param name="Busy">The server from the time at which they were due until the run of each was stored.</param>
internal sealed record ScheduleResult(int Schedules, ServerWindow Idle, ServerWindow Busy)
{
    /// <summary>The command by which the server looks for due schedules.</summary>
    public const string Look = "find schedules";

    public double SecondsUntilStored => Busy.Store.Seconds;

    /// <summary>Seconds of one core that the server used for all schedules.</summary>
    public double CpuSeconds => Busy.Cores * Busy.Store.Seconds;

    /// <summary>Seconds of one core that the store used for all schedules.</summary>
    public double StoreCpuSeconds => Busy.StoreCores * Busy.Store.Seconds;

    public double IdleLooksPerSecond => Idle.Store.PerSecond(Look);
}
