namespace Runs.Lifecycle;

/// <summary>
/// A duty in a cancelled run's outbox: cancel everything below it. It is done by the relay, which takes it out once every descendant has answered,
/// so that neither a crash nor a lost message leaves a part of the tree running.
/// </summary>
internal sealed record CancelDescendants(string Tenant, string RunId);
