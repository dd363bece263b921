using System.Collections.Concurrent;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

public sealed class EmbeddedCancelTreeTests(EmbeddedApplication application) : CancelTreeTests<EmbeddedApplication>(application);

public sealed class LossyDispatchCancelTreeTests(LossyDispatchApplication application) : CancelTreeTests<LossyDispatchApplication>(application);

/// <summary>No run stays active below a cancelled run, whatever the order.</summary>
public abstract class CancelTreeTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task Children_created_during_the_cancellation_of_their_parent_are_cancelled_or_rejected()
    {
        for (var round = 0; round < 3; round++)
        {
            var root = await NewRun(null);
            var created = new ConcurrentBag<string>();
            var (enough, stop) = (new TaskCompletionSource(), false);
            var callers = Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
            {
                while (!stop)
                {
                    var child = TestRequests.NewId();
                    var answer = await Client.Post("/runs", TestRequests.TaskBody(child).With("parent_run_id", root));
                    if (answer.Status == 409)
                    {
                        AssertParentCancelled(answer);
                        return;
                    }

                    created.Add(child);
                    if (created.Count >= 40)
                    {
                        enough.TrySetResult();
                    }
                }
            })).ToList();
            await enough.Task;
            Assert.True((await Client.Post($"/runs/{root}/cancel"))["cancelled"].GetBoolean());
            await Task.WhenAll(callers).WaitAsync(TimeSpan.FromSeconds(20)); // each was refused in the end
            stop = true;

            await Eventually.Succeeds(async () =>
            {
                foreach (var child in created)
                {
                    Assert.Equal("cancelled", await GetStatus(child));
                }
            });
        }
    }

    [Fact]
    public async Task A_child_of_a_cancelled_run_is_rejected_over_HTTP_and_broker_and_not_created()
    {
        var root = await NewRun(null);
        await Client.Post($"/runs/{root}/cancel");
        var child = TestRequests.NewId();

        AssertParentCancelled(await Client.Post("/runs", TestRequests.TaskBody(child).With("parent_run_id", root)));
        var refusal = await application.Bus.CreateRequestClient<CreateRun>().GetResponse<RunSnapshot, RunRejected>(new CreateRun
        {
            Tenant = "dev",
            RunId = child,
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = RunsApplication.Project },
            Request = new RawJson("""{"target":"task:t"}"""),
            ParentRunId = root,
        });

        Assert.Equal(RejectionCodes.ParentCancelled, Assert.IsType<RunRejected>(((Response)refusal).Message).Code);
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

        // As an earlier release left it: active below a cancelled run, and nobody's duty.
        var stored = await FindStored(lost);
        Assert.True(await application.Store.TryReplace(stored.WithParent(root), RunVersion.From(stored), default));
        var repeated = await Client.Post($"/runs/{root}/cancel");

        Assert.False(repeated["cancelled"].GetBoolean());
        await Eventually.Succeeds(async () => Assert.Equal("cancelled", await GetStatus(lost)));
    }

    [Fact]
    public async Task Orphaned_outbox_messages_are_dispatched_despite_a_clock_skew_of_an_hour()
    {
        var (root, told) = (await NewRun(null), await NewRun(null));
        var child = await NewRun(root);
        await Eventually.Succeeds(async () => Assert.Empty((await FindStored(root)).Outbox));
        await LeaveBehind(told, new RunReserved
        {
            Tenant = "dev",
            RunId = told,
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = RunsApplication.Project },
            RootRunId = told,
            OccurredAt = TestRuns.Noon,
        });
        await LeaveBehind(root, new CancelDescendants("dev", root), RunStatuses.Cancelled);

        await Eventually.Succeeds(async () =>
        {
            Assert.Equal("cancelled", await GetStatus(child));
            Assert.Empty((await FindStored(root)).Outbox);
            Assert.Empty((await FindStored(told)).Outbox);
        });

        async Task LeaveBehind(string run, object message, string status = RunStatuses.Pending)
        {
            var stored = await FindStored(run);
            var left = stored.NextVersion(next =>
            {
                next.Status = status;
                next.UpdatedAt = UtcMillisecondsConverter.TruncateToMilliseconds(TimeProvider.System.GetUtcNow().AddHours(1));
                next.Outbox = [new OutboxMessage(RunIds.ForRun("left", run), message.GetType().Name, new RawJson(JsonSerializer.Serialize(message, message.GetType())))];
            });
            Assert.True(await application.Store.TryReplace(left, RunVersion.From(stored), default));
        }
    }

    [Fact]
    public async Task A_tree_of_hundreds_of_runs_is_cancelled_completely_by_the_cascade_of_its_root()
    {
        var root = await NewRun(null);
        var parents = new List<string> { root };
        var all = new ConcurrentBag<string>();
        for (var level = 0; level < 3; level++)
        {
            var children = new ConcurrentBag<string>();
            await Parallel.ForEachAsync(
                Enumerable.Range(0, 130), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => children.Add(await NewRun(parents[i % parents.Count])));
            parents = [.. children];
            parents.ForEach(all.Add);
        }

        await Client.Post($"/runs/{root}/cancel");

        await Eventually.Succeeds(async () =>
        {
            foreach (var run in all)
            {
                var stored = await FindStored(run);
                Assert.DoesNotContain(stored.Outbox, message => message.Type == nameof(CancelDescendants));
                Assert.Equal("cancelled", stored.Status);
            }

            Assert.Empty((await FindStored(root)).Outbox);
        });
    }

    [Fact]
    public async Task A_tree_is_limited_to_100_levels_below_its_root()
    {
        var parent = await NewRun(null);
        for (var level = 1; level <= 100; level++)
        {
            parent = await NewRun(parent);
        }

        var refused = await Client.Post("/runs", TestRequests.TaskBody().With("parent_run_id", parent));

        refused.AssertProblem(400, "100 levels");
        Assert.Equal(RejectionCodes.TreeTooDeep, refused["code"].GetString());
        Assert.Equal(100, (await FindStored(parent)).Depth);
    }

    [Fact]
    public async Task Concurrent_creates_cancels_and_outcomes_leave_no_active_run_below_a_cancelled_one()
    {
        var runs = new ConcurrentDictionary<int, string>();
        for (var tree = 0; tree < 4; tree++)
        {
            runs[tree] = await NewRun(null);
        }

        await Parallel.ForEachAsync(Enumerable.Range(0, 8), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (caller, _) =>
        {
            var random = new Random(caller);
            for (var step = 0; step < 60; step++)
            {
                var run = runs[random.Next(runs.Count)];
                switch (random.Next(20))
                {
                    case 0:
                        await Client.Post($"/runs/{run}/cancel");
                        break;
                    case < 6:
                        await Client.Post($"/runs/{run}/complete", new { status = "completed" });
                        break;
                    default:
                        var child = TestRequests.NewId();
                        var answer = await Client.Post("/runs", TestRequests.TaskBody(child).With("parent_run_id", run));
                        if (answer.Status == 202)
                        {
                            lock (runs)
                            {
                                runs[runs.Count] = child;
                            }
                        }
                        else
                        {
                            AssertParentCancelled(answer);
                        }

                        break;
                }
            }
        });

        await Eventually.Succeeds(async () =>
        {
            var stored = (await Task.WhenAll(runs.Values.Select(FindStored))).ToDictionary(run => run.RunId);
            Assert.All(stored.Values, run => Assert.Empty(run.Outbox));
            Assert.Empty(stored.Values.Where(run => !RunStatuses.IsTerminal(run.Status) && Above(run).Any(above => above.Status == "cancelled")).Select(run => run.RunId));

            IEnumerable<Run> Above(Run run)
            {
                while (run.ParentRunId is { } parent)
                {
                    yield return run = stored[parent];
                }
            }
        });
    }

    private static void AssertParentCancelled(ApiResponse answer)
    {
        answer.AssertProblem(409);
        Assert.Equal(RejectionCodes.ParentCancelled, answer["code"].GetString());
    }

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

    private async Task<string?> GetStatus(string run) => (await Client.Get($"/runs/{run}"))["status"].GetString();
}

/// <summary>The embedded default, in which half of what was just written is not offered to those who send it: as if the process had ended there.</summary>
public sealed class LossyDispatchApplication : EmbeddedApplication
{
    protected override void ConfigureBuilder(WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<IOutboxDispatcher>(provider => new LossyDispatcher(provider.GetRequiredService<OutboxDispatcher>()));

    private sealed class LossyDispatcher(OutboxDispatcher relay) : IOutboxDispatcher
    {
        public void Enqueue(Run run)
        {
            if (Random.Shared.Next(2) == 0)
            {
                relay.Enqueue(run);
            }
        }
    }
}
