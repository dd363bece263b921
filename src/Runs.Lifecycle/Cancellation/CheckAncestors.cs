namespace Runs.Lifecycle;

/// <summary>
/// Outbox message of a child: check again, after the child was stored, whether a run above it was cancelled in the
/// meantime, and if so cancel the child. The create checks before the insert; a cancel that is stored between that
/// check and the insert has listed the tree without the child. With the second check, the later of the two operations
/// sees the earlier one.
/// </summary>
internal sealed record CheckAncestors(string Tenant, string RunId, string ParentRunId);
