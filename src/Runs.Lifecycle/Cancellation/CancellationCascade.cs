using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The progress of the cancellation of one run tree. The traversal is depth-first and reads one page at a time, so that
/// it stores two pages for each level instead of the whole tree. The progress is lost when the process ends. The next
/// process starts again from the root and finds the cancelled runs already ended, at the cost of one read for each
/// page.
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
    private readonly Stack<(IReadOnlyList<string> Parents, ChildRun? After)> _levels = new([([runId], null)]);

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
    public (IReadOnlyList<string> Parents, ChildRun? After)? NextPage => _levels.TryPeek(out var level) ? level : null;

    /// <summary>The last run of <see cref="IRunStore.ListActiveDescendants"/> that was read ahead.</summary>
    public ChildRun? LastReadAhead { get; private set; }

    /// <summary>
    /// Whether the list of the tree has no more runs. It never has any when the cancelled run is not a root.
    /// </summary>
    public bool IsTreeReadAhead { get; private set; } = parentRunId is not null;

    /// <summary>Records a page of the list of the tree.</summary>
    public void MarkReadAhead(IReadOnlyList<ChildRun> page, bool isLastPage) =>
        (LastReadAhead, IsTreeReadAhead) = (page is [.., var last] ? last : LastReadAhead, isLastPage);

    /// <summary>Records that an ancestor was found cancelled and that the run was therefore cancelled.</summary>
    public void MarkParentChecked() => UncheckedParentRunId = null;

    /// <summary>
    /// Continues with the children of <paramref name="children"/> and <paramref name="cancelledRunIds"/>, which have
    /// all ended.
    /// </summary>
    /// <param name="children">The page of children that was listed.</param>
    /// <param name="cancelledRunIds">
    /// The runs that were cancelled in this step: children, and descendants that were read ahead.
    /// </param>
    /// <param name="isLastPage">Whether this is the last page.</param>
    public void Advance(IReadOnlyList<ChildRun> children, IReadOnlyList<string> cancelledRunIds, bool isLastPage)
    {
        var (parents, _) = _levels.Pop();
        if (!isLastPage)
        {
            _levels.Push((parents, children[^1]));
        }

        var below = children.Select(child => child.RunId).Union(cancelledRunIds).Except(parents).ToList();
        if (below.Count > 0)
        {
            _levels.Push((below, null));
        }
    }
}
