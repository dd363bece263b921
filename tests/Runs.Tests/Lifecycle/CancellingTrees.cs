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

public sealed class CancellingTreesEmbedded(EmbeddedStack stack) : CancellingTrees<EmbeddedStack>(stack);

public sealed class CancellingTreesWithLostOffers(LossyStack stack) : CancellingTrees<LossyStack>(stack);

/// <summary>No run stays active below a cancelled run, whatever the order.</summary>
public abstract class CancellingTrees<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private HttpClient Client => stack.Client;

    [Fact]
    public async Task Of_children_that_are_created_while_their_parent_is_cancelled_none_stays_active()
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
                    var child = Calls.NewId();
                    var answer = await Client.Post("/runs", Calls.Task(child).With("parent_run_id", root));
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
                    Assert.Equal("cancelled", await StatusOf(child));
                }
            });
        }
    }

    [Fact]
    public async Task A_child_of_a_cancelled_run_is_refused_over_HTTP_and_over_the_broker_and_is_not_there()
    {
        var root = await NewRun(null);
        await Client.Post($"/runs/{root}/cancel");
        var child = Calls.NewId();

        AssertParentCancelled(await Client.Post("/runs", Calls.Task(child).With("parent_run_id", root)));
        var refusal = await stack.Bus.CreateRequestClient<CreateRun>().GetResponse<RunSnapshot, RunRefused>(new CreateRun
        {
            Tenant = "dev",
            RunId = child,
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = Stack.Project },
            Request = new RawJson("""{"target":"task:t"}"""),
            ParentRunId = root,
        });

        Assert.Equal(RefusalCodes.ParentCancelled, Assert.IsType<RunRefused>(((Response)refusal).Message).Code);
        (await Client.Read($"/runs/{child}")).IsProblem(404);
    }

    [Fact]
    public async Task A_child_of_an_ended_run_is_refused_below_a_cancelled_one_and_accepted_elsewhere()
    {
        var (root, other) = (await NewRun(null), await NewRun(null));
        var below = await NewRun(await Completed(await NewRun(root)));
        var (ended, elsewhere) = (await Completed(below), await Completed(await NewRun(other)));
        await Client.Post($"/runs/{root}/cancel");

        AssertParentCancelled(await Client.Post("/runs", Calls.Task().With("parent_run_id", ended)));
        await Client.Create(Calls.Task().With("parent_run_id", elsewhere));
    }

    [Fact]
    public async Task A_repeated_create_is_answered_as_ever_although_its_parent_was_cancelled_since()
    {
        var (root, child) = (await NewRun(null), Calls.NewId());
        await Client.Create(Calls.Task(child).With("parent_run_id", root));
        await Client.Post($"/runs/{root}/cancel");

        var again = await Client.Create(Calls.Task(child).With("parent_run_id", root));

        Assert.True(again.GetProperty("duplicate").GetBoolean());
    }

    [Fact]
    public async Task A_cancel_in_the_middle_of_a_tree_reaches_what_is_below_and_nothing_else()
    {
        var root = await NewRun(null);
        var (middle, sibling) = (await NewRun(root), await NewRun(root));
        var (below, beside) = (await NewRun(await Completed(await NewRun(middle))), await NewRun(sibling));

        await Client.Post($"/runs/{middle}/cancel");

        await Eventually.Succeeds(async () => Assert.Equal("cancelled", await StatusOf(below)));
        foreach (var untouched in new[] { root, sibling, beside })
        {
            Assert.Equal("pending", await StatusOf(untouched));
        }
    }

    [Fact]
    public async Task A_repeated_cancel_resumes_what_was_not_finished_and_says_that_it_changed_nothing()
    {
        var (root, lost) = (await NewRun(null), await NewRun(null));
        await Client.Post($"/runs/{root}/cancel");
        await Eventually.Succeeds(async () => Assert.Empty((await Stored(root)).Outbox));

        // As an earlier release left it: active below a cancelled run, and nobody's duty.
        var stored = await Stored(lost);
        Assert.True(await stack.Store.TryReplace(stored.WithParent(root), RunStamp.Of(stored), default));
        var repeated = await Client.Post($"/runs/{root}/cancel");

        Assert.False(repeated["cancelled"].GetBoolean());
        await Eventually.Succeeds(async () => Assert.Equal("cancelled", await StatusOf(lost)));
    }

    [Fact]
    public async Task What_a_process_left_behind_is_found_although_its_clock_was_an_hour_ahead()
    {
        var (root, told) = (await NewRun(null), await NewRun(null));
        var child = await NewRun(root);
        await Eventually.Succeeds(async () => Assert.Empty((await Stored(root)).Outbox));
        await LeaveBehind(told, new RunReserved
        {
            Tenant = "dev",
            RunId = told,
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = Stack.Project },
            RootRunId = told,
            OccurredAt = StoredRun.Noon,
        });
        await LeaveBehind(root, new CancelDescendants("dev", root), RunStatuses.Cancelled);

        await Eventually.Succeeds(async () =>
        {
            Assert.Equal("cancelled", await StatusOf(child));
            Assert.Empty((await Stored(root)).Outbox);
            Assert.Empty((await Stored(told)).Outbox);
        });

        async Task LeaveBehind(string run, object message, string status = RunStatuses.Pending)
        {
            var stored = await Stored(run);
            var left = stored.Next(next =>
            {
                next.Status = status;
                next.UpdatedAt = UtcMilliseconds.Truncate(TimeProvider.System.GetUtcNow().AddHours(1));
                next.Outbox = [new OutboxMessage(RunKey.Of("left", run), message.GetType().Name, new RawJson(JsonSerializer.Serialize(message, message.GetType())))];
            });
            Assert.True(await stack.Store.TryReplace(left, RunStamp.Of(stored), default));
        }
    }

    [Fact]
    public async Task A_tree_of_some_hundred_runs_is_cancelled_to_the_last_and_only_its_root_is_told_to_reach_the_others()
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
                var stored = await Stored(run);
                Assert.DoesNotContain(stored.Outbox, message => message.Type == nameof(CancelDescendants));
                Assert.Equal("cancelled", stored.Status);
            }

            Assert.Empty((await Stored(root)).Outbox);
        });
    }

    [Fact]
    public async Task A_tree_has_a_hundred_levels_below_its_root_and_no_more()
    {
        var parent = await NewRun(null);
        for (var level = 1; level <= 100; level++)
        {
            parent = await NewRun(parent);
        }

        var refused = await Client.Post("/runs", Calls.Task().With("parent_run_id", parent));

        refused.IsProblem(400, "100 levels");
        Assert.Equal(RefusalCodes.TreeTooDeep, refused["code"].GetString());
        Assert.Equal(100, (await Stored(parent)).Depth);
    }

    [Fact]
    public async Task After_any_creates_cancels_and_outcomes_at_the_same_time_no_run_is_active_below_a_cancelled_one()
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
                        var child = Calls.NewId();
                        var answer = await Client.Post("/runs", Calls.Task(child).With("parent_run_id", run));
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
            var stored = (await Task.WhenAll(runs.Values.Select(Stored))).ToDictionary(run => run.RunId);
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

    private static void AssertParentCancelled(Answer answer)
    {
        answer.IsProblem(409);
        Assert.Equal(RefusalCodes.ParentCancelled, answer["code"].GetString());
    }

    private async Task<string> NewRun(string? parent)
    {
        var run = Calls.NewId();
        await Client.Create(Calls.Task(run).With("parent_run_id", parent));
        return run;
    }

    private async Task<string> Completed(string run)
    {
        await Client.Post($"/runs/{run}/complete", new { status = "completed" });
        return run;
    }

    private async Task<Run> Stored(string run) => (await stack.Store.Find(RunKey.Of("dev", run), default))!;

    private async Task<string?> StatusOf(string run) => (await Client.Read($"/runs/{run}"))["status"].GetString();
}

/// <summary>The embedded default, in which half of what was just written is not offered to those who send it: as if the process had ended there.</summary>
public sealed class LossyStack : EmbeddedStack
{
    protected override void Adjust(WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<IOutboxDispatcher>(provider => new LossyDispatcher(provider.GetRequiredService<OutboxRelay>()));

    private sealed class LossyDispatcher(OutboxRelay relay) : IOutboxDispatcher
    {
        public void Offer(Run run)
        {
            if (Random.Shared.Next(2) == 0)
            {
                relay.Offer(run);
            }
        }
    }
}
