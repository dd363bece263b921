namespace Runs.Store;

/// <summary>A future fire.</summary>
/// <param name="At">The time in UTC.</param>
/// <param name="Local">The same time, with the offset of the schedule's zone.</param>
public sealed record ForecastFire(DateTimeOffset At, DateTimeOffset Local);
