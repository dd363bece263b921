using System.Text.Json;
using MassTransit;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>No run stays active below a cancelled run, in any order of creates, cancels and outcomes.</summary>
public abstract partial class CancelTreeTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_child_of_a_cancelled_run_is_rejected_over_HTTP_and_broker_and_not_created()
    {
        var root = await NewRun(null);
        await Client.Post($"/runs/{root}/cancel");
        var child = TestRequests.NewId();

        AssertParentCancelled(await Client.Post("/runs", TestRequests.TaskBody(child).With("parent_run_id", root)));
        var reply = await application.Bus.CreateRequestClient<CreateRun>().GetResponse<RunSnapshot, RunRejected>(new CreateRun
        {
            Tenant = "dev",
            RunId = child,
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = RunsApplication.Project },
            Request = new RawJson("""{"target":"task:t"}"""),
            ParentRunId = root,
        });

        Assert.Equal(RejectionCodes.ParentCancelled, Assert.IsType<RunRejected>(((Response)reply).Message).Code);
        (await Client.Get($"/runs/{child}")).AssertProblem(404);
    }

    [Fact]
    public async Task A_child_of_a_finished_run_is_rejected_only_below_a_cancelled_ancestor()
    {
        var (root, other) = (await NewRun(null), await NewRun(null));
        var below = await NewRun(await CompleteRun(await NewRun(root)));
        var (ended, elsewhere) = (await CompleteRun(below), await CompleteRun(await NewRun(other)));
        await Client.Post($"/runs/{root}/cancel");

        AssertParentCancelled(await Client.Post("/runs", TestRequests.TaskBody().With("parent_run_id", ended)));
        await Client.Create(TestRequests.TaskBody().With("parent_run_id", elsewhere));
    }

    [Fact]
    public async Task A_repeated_create_is_a_duplicate_after_the_cancellation_of_its_parent()
    {
        var (root, child) = (await NewRun(null), TestRequests.NewId());
        await Client.Create(TestRequests.TaskBody(child).With("parent_run_id", root));
        await Client.Post($"/runs/{root}/cancel");

        var again = await Client.Create(TestRequests.TaskBody(child).With("parent_run_id", root));

        Assert.True(again.Duplicate);
    }

    [Fact]
    public async Task A_cancel_of_an_inner_run_cancels_only_its_descendants()
    {
        var root = await NewRun(null);
        var (middle, sibling) = (await NewRun(root), await NewRun(root));
        var (below, beside) = (await NewRun(await CompleteRun(await NewRun(middle))), await NewRun(sibling));

        await Client.Post($"/runs/{middle}/cancel");

        await Eventually.Succeeds(async () => Assert.Equal("cancelled", await GetStatus(below)));
        foreach (var untouched in new[] { root, sibling, beside })
        {
            Assert.Equal("pending", await GetStatus(untouched));
        }
    }

    [Fact]
    public async Task A_repeated_cancel_completes_the_cascade_and_reports_no_change()
    {
        var (root, lost) = (await NewRun(null), await NewRun(null));
        await Client.Post($"/runs/{root}/cancel");
        await Eventually.Succeeds(async () => Assert.Empty((await FindStored(root)).Outbox));

        // An earlier release may have left an active run below a cancelled run, without a cascade.
        var stored = await FindStored(lost);
        Assert.True(await application.Store.TryReplace(stored.WithParent(root), RunVersion.From(stored), default));
        var repeated = await Client.Cancel(root);

        Assert.False(repeated.Cancelled);
        await Eventually.Succeeds(async () => Assert.Equal("cancelled", await GetStatus(lost)));
    }

    [Fact]
    public async Task Orphaned_outbox_messages_are_dispatched_despite_a_clock_skew_of_an_hour()
    {
        var (root, reserved) = (await NewRun(null), await NewRun(null));
        var child = await NewRun(root);
        await Eventually.Succeeds(async () => Assert.Empty((await FindStored(root)).Outbox));
        await AddOrphanedMessage(reserved, new RunReserved
        {
            Tenant = "dev",
            RunId = reserved,
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = RunsApplication.Project },
            RootRunId = reserved,
            OccurredAt = TestRuns.Noon,
        });
        await AddOrphanedMessage(root, new CancelDescendants("dev", root), RunStatuses.Cancelled);

        await Eventually.Succeeds(async () =>
        {
            Assert.Equal("cancelled", await GetStatus(child));
            Assert.Empty((await FindStored(root)).Outbox);
            Assert.Empty((await FindStored(reserved)).Outbox);
        });

        async Task AddOrphanedMessage(string run, object message, string status = RunStatuses.Pending)
        {
            var stored = await FindStored(run);
            var type = message.GetType();
            var body = new RawJson(JsonSerializer.Serialize(message, type));
            var orphaned = stored.NextVersion(next =>
            {
                next.Status = status;
                next.UpdatedAt = TimeProvider.System.GetUtcNow().AddHours(1).TruncateToMilliseconds();
                next.Outbox = [new OutboxMessage(RunIds.ForRun("orphaned", run), type.Name, body)];
            });
            Assert.True(await application.Store.TryReplace(orphaned, RunVersion.From(stored), default));
        }
    }

    [Fact]
    public async Task A_tree_is_limited_to_100_levels_below_its_root()
    {
        var parent = await NewRun(null);
        for (var level = 1; level <= 100; level++)
        {
            parent = await NewRun(parent);
        }

        var rejected = await Client.Post("/runs", TestRequests.TaskBody().With("parent_run_id", parent));

        rejected.AssertProblem(400, "100 levels");
        rejected.AssertProblemCode(400, RejectionCodes.TreeTooDeep);
        Assert.Equal(100, (await FindStored(parent)).Depth);
    }

    private static void AssertParentCancelled(ApiResponse response) =>
        response.AssertProblemCode(409, RejectionCodes.ParentCancelled);

    private async Task<string> NewRun(string? parent)
    {
        var run = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(run).With("parent_run_id", parent));
        return run;
    }

    private async Task<string> CompleteRun(string run)
    {
        await Client.Post($"/runs/{run}/complete", new { status = "completed" });
        return run;
    }

    private async Task<Run> FindStored(string run) => (await application.Store.Find(RunIds.ForRun("dev", run), default))!;

    private async Task<string> GetStatus(string run) => (await Client.GetRun(run)).Status;
}
