namespace Runs.Lifecycle;

/// <summary>
/// Reports that the due time of a run has passed. <see cref="DueRunProcessor"/> sends it to the state machine, which
/// checks the run again before it acts. It is also consumed from the broker: processes of earlier releases publish it.
/// </summary>
internal sealed record RunDue(string Tenant, string RunId);
