namespace Runs.Lifecycle;

/// <summary>
/// A duty in a cancelled run's outbox: cancel everything below it. <see cref="TreeCancellation"/> does it and takes it out once every descendant has ended, so that a crash
/// leaves no part of the tree running. A descendant that is cancelled on its account gets no duty of its own.
/// </summary>
internal sealed record CancelDescendants(string Tenant, string RunId);
