namespace Runs.Lifecycle;

/// <summary>
/// A duty in a child's outbox: look once more, after the child was stored, whether a run above it was cancelled meanwhile, and cancel the child then. The create looked
/// before; a cancel that is stored between the two has listed the tree without the child. Whoever comes second sees the other.
/// </summary>
internal sealed record CheckAncestors(string Tenant, string RunId, string ParentRunId);
