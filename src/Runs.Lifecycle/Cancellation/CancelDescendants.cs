namespace Runs.Lifecycle;

/// <summary>
/// Outbox message of a cancelled run: cancel all of its descendants. <see cref="CascadeWorkers"/> processes it and
/// clears it after every descendant has ended, so that a crash leaves no part of the tree running. A descendant that is
/// cancelled as part of a cascade does not get this message.
/// </summary>
internal sealed record CancelDescendants(string Tenant, string RunId);
