namespace Runs.Lifecycle;

/// <summary>Says that a run's due time has come. Sent by the timers to the machine, which looks at the run again before it acts.</summary>
internal sealed record RunDue(string Tenant, string RunId);
