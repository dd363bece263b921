using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>The traversal of a run tree: depth-first, one page at a time.</summary>
public sealed class CancellationCascadeTests
{
    private readonly CancellationCascade _cascade = new("dev", "root", null, null);

    [Fact]
    public void A_cascade_begins_with_the_children_of_its_run() => AssertNextPage(null, "root");

    [Fact]
    public void A_cascade_continues_with_the_children_of_a_page_and_then_with_the_next_page()
    {
        _cascade.Advance([Child("a"), Child("b")], [Child("a")], isLastPage: false);

        AssertNextPage(null, "a", "b");
        _cascade.Advance([], [], isLastPage: true);
        AssertNextPage("b", "root");
        _cascade.Advance([], [], isLastPage: true);
        Assert.Null(_cascade.NextPage);
    }

    [Fact]
    public void The_children_of_descendants_that_were_read_ahead_are_listed_once()
    {
        _cascade.Advance([Child("a")], [Child("c", parent: "b"), Child("b", parent: "a"), Child("a")], isLastPage: true);

        AssertNextPage(null, "a", "b", "c");
        _cascade.Advance([Child("b", parent: "a"), Child("c", parent: "b"), Child("d", parent: "c")], [], isLastPage: true);
        AssertNextPage(null, "d");
        _cascade.Advance([], [], isLastPage: true);
        Assert.Null(_cascade.NextPage);
    }

    [Fact]
    public void Cancelled_runs_of_another_part_of_the_tree_are_left_to_their_parents()
    {
        _cascade.Advance([Child("a"), Child("b")], [Child("a"), Child("b")], isLastPage: true);
        _cascade.Advance([Child("c", parent: "a")], [Child("e", parent: "d"), Child("c", parent: "a")], isLastPage: false);

        AssertNextPage(null, "c");
        _cascade.Advance([], [], isLastPage: true);
        AssertNextPage("c", "a", "b");
        _cascade.Advance([Child("d", parent: "b")], [], isLastPage: true);
        AssertNextPage(null, "d");
        _cascade.Advance([Child("e", parent: "d")], [], isLastPage: true);
        AssertNextPage(null, "e");
    }

    [Fact]
    public void A_check_and_a_cascade_of_the_same_run_are_different_work()
    {
        var check = new CancellationCascade("dev", "root", "parent", null);

        Assert.Equal((RunIds.ForRun("dev", "root"), true), check.Key);
        Assert.Equal((RunIds.ForRun("dev", "root"), false), _cascade.Key);
        Assert.Equal(("parent", RunIds.ForRun("dev", "root")), (check.UncheckedParentRunId, check.CorrelationId));
        check.MarkParentChecked();
        Assert.Null(check.UncheckedParentRunId);
    }

    private static ChildRun Child(string runId, string parent = "root") =>
        new(RunIds.ForRun("dev", runId), runId, parent, RunStatuses.Cancelled, TestRuns.Noon);

    private void AssertNextPage(string? after, params string[] parents)
    {
        Assert.NotNull(_cascade.NextPage);
        Assert.Equal(parents, _cascade.NextPage.Value.Parents);
        Assert.Equal(after, _cascade.NextPage.Value.After?.RunId);
    }
}
