using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The progress of the cancellation of one run tree. The traversal is depth-first and reads one page at a time. It
/// keeps the run ids of each page whose children are not listed to their end; of a deep tree, these may be all ids.
/// The progress is lost when the process ends. The next process starts again from the root and finds the cancelled
/// runs already ended, at the cost of one read for each page.
/// </summary>
/// <param name="tenant">The tenant of the tree.</param>
/// <param name="runId">The run whose descendants are cancelled.</param>
/// <param name="parentRunId">
/// For a <see cref="Lifecycle.CheckAncestors"/>: the parent of the run. If a run above it was cancelled, the run itself
/// is cancelled too.
/// </param>
/// <param name="outboxMessageId">
/// The outbox message of the run that requests this cascade; null if no message was stored.
/// </param>
internal sealed class CancellationCascade(string tenant, string runId, string? parentRunId, Guid? outboxMessageId)
{
    private readonly Stack<(IReadOnlyList<string> Parents, ChildRun? After)> _pages = new([([runId], null)]);

    // The runs that were read ahead and have not been listed as children: their own children are already scheduled.
    private readonly HashSet<string> _readAhead = [];

    public string Tenant => tenant;

    public string RunId => runId;

    public Guid CorrelationId { get; } = RunIds.ForRun(tenant, runId);

    public Guid? OutboxMessageId => outboxMessageId;

    /// <summary>The parent from which to check the ancestors; null after the check.</summary>
    public string? UncheckedParentRunId { get; private set; } = parentRunId;

    /// <summary>Identifies duplicates: two cascades with the same key do the same work.</summary>
    public (Guid Run, bool IsCheck) Key { get; } = (RunIds.ForRun(tenant, runId), parentRunId is not null);

    /// <summary>
    /// The runs whose children are listed next, and the child after which the page starts; null when all are listed.
    /// </summary>
    public (IReadOnlyList<string> Parents, ChildRun? After)? NextPage => _pages.TryPeek(out var page) ? page : null;

    /// <summary>The descendant after which the reading ahead continues; null at the beginning.</summary>
    public ChildRun? ReadAheadCursor { get; private set; }

    /// <summary>
    /// Whether <see cref="IRunStore.ListDescendants"/> has no more pages. True from the start for a check of the
    /// ancestors, whose run is not a root.
    /// </summary>
    public bool IsReadAheadComplete { get; private set; } = parentRunId is not null;

    /// <summary>Records that the descendants up to <paramref name="last"/> were read ahead.</summary>
    public void RecordReadAhead(ChildRun? last, bool isComplete) => (ReadAheadCursor, IsReadAheadComplete) = (last, isComplete);

    /// <summary>Records that an ancestor was found cancelled and that the run was therefore cancelled.</summary>
    public void MarkParentChecked() => UncheckedParentRunId = null;

    /// <summary>
    /// Continues with the children of <paramref name="children"/> and of those <paramref name="readAhead"/> runs that
    /// are below them, which have all ended. Runs of other parts of the tree are left to their parents.
    /// </summary>
    /// <param name="children">The page of children that was listed.</param>
    /// <param name="readAhead">
    /// Other runs of the tree that have ended: those that were cancelled in this step, and those that were found ended.
    /// </param>
    /// <param name="isLastPage">Whether this is the last page.</param>
    public void Advance(IReadOnlyList<ChildRun> children, IReadOnlyList<ChildRun> readAhead, bool isLastPage)
    {
        var (parents, _) = _pages.Pop();
        if (!isLastPage)
        {
            _pages.Push((parents, children[^1]));
        }

        var next = children.Select(child => child.RunId).Where(child => !_readAhead.Remove(child)).ToList();
        var scheduled = next.ToHashSet();
        var byParent = readAhead.ToLookup(run => run.ParentRunId, run => run.RunId);
        for (var i = 0; i < next.Count; i++) // the list grows by the children of its runs
        {
            var below = byParent[next[i]].Where(scheduled.Add).ToList();
            next.AddRange(below);
            _readAhead.UnionWith(below);
        }

        if (next.Count > 0)
        {
            _pages.Push((next, null));
        }
    }
}
