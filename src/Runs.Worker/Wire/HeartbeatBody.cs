namespace Runs.Worker;

/// <summary>The body of a heartbeat: the runs that this process holds.</summary>
internal sealed record HeartbeatBody(string InstanceId, IReadOnlyList<HeldRun> Runs, int LeaseDurationSeconds, int WaitSeconds);
