namespace Runs.Lifecycle;

/// <summary>
/// Reports that the due time of a run has passed. The scheduler sends it to the state machine, which checks the run
/// again before it acts.
/// </summary>
internal sealed record RunDue(string Tenant, string RunId);
