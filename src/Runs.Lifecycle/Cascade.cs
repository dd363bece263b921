using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// How far the cancellation of one tree has come. It goes down before it goes on, a page at a time, so that it remembers two pages for each level and not the tree. What it
/// remembers is lost with the process: the next one begins anew and finds what was cancelled ended, at one read for each page.
/// </summary>
/// <param name="tenant">The tenant of the tree.</param>
/// <param name="runId">The run below which everything is cancelled.</param>
/// <param name="parentRunId">For a <see cref="Lifecycle.CheckAncestors"/>: the run's parent. Then the run is cancelled too, if a run above it was.</param>
/// <param name="duty">The message in the run's outbox that asks for it; null where nothing was recorded.</param>
internal sealed class Cascade(string tenant, string runId, string? parentRunId, Guid? duty)
{
    private readonly Stack<(IReadOnlyList<string> Parents, ChildRun? After)> _levels = new([([runId], null)]);

    public string Tenant => tenant;

    public string RunId => runId;

    public Guid Run { get; } = RunKey.Of(tenant, runId);

    public Guid? Duty => duty;

    /// <summary>The parent from which to look up, until that was done.</summary>
    public string? UncheckedParent { get; private set; } = parentRunId;

    /// <summary>What makes two of them the same work.</summary>
    public (Guid Run, bool IsCheck) Key { get; } = (RunKey.Of(tenant, runId), parentRunId is not null);

    /// <summary>Which runs' children are listed next, and after which child; null when all are listed.</summary>
    public (IReadOnlyList<string> Parents, ChildRun? After)? Next => _levels.TryPeek(out var level) ? level : null;

    /// <summary>An ancestor was found cancelled, and so is the run.</summary>
    public void Checked() => UncheckedParent = null;

    /// <summary>Continues with the runs below <paramref name="children"/> and <paramref name="found"/>, which have all ended.</summary>
    /// <param name="children">The page of children that was listed.</param>
    /// <param name="found">The runs that were cancelled in this step: children, and descendants found by looking ahead.</param>
    /// <param name="isLastPage">Whether no page follows.</param>
    public void Advance(IReadOnlyList<ChildRun> children, IReadOnlyList<string> found, bool isLastPage)
    {
        var (parents, _) = _levels.Pop();
        if (!isLastPage)
        {
            _levels.Push((parents, children[^1]));
        }

        var below = children.Select(child => child.RunId).Union(found).Except(parents).ToList();
        if (below.Count > 0)
        {
            _levels.Push((below, null));
        }
    }
}
