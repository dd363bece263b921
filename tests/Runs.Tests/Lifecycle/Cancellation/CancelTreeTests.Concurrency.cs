using System.Collections.Concurrent;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <content>Large trees and concurrent commands.</content>
public abstract partial class CancelTreeTests<TApplication>
{
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
                    var response = await Client.Post("/runs", TestRequests.TaskBody(child).With("parent_run_id", root));
                    if (response.Status == 409)
                    {
                        AssertParentCancelled(response);
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
            Assert.True((await Client.Cancel(root)).Cancelled);
            await Task.WhenAll(callers).WaitAsync(Eventually.Timeout); // every caller ends with a rejection
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
    public async Task A_tree_of_hundreds_of_runs_is_cancelled_completely_by_the_cascade_of_its_root()
    {
        var root = await NewRun(null);
        var parents = new List<string> { root };
        var all = new ConcurrentBag<string>();
        for (var level = 0; level < 3; level++)
        {
            var children = new ConcurrentBag<string>();
            await Parallel.ForEachAsync(
                Enumerable.Range(0, 130),
                new ParallelOptions { MaxDegreeOfParallelism = 8 },
                async (i, _) => children.Add(await NewRun(parents[i % parents.Count])));
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
                        var response = await Client.Post("/runs", TestRequests.TaskBody(child).With("parent_run_id", run));
                        if (response.Status == 202)
                        {
                            lock (runs)
                            {
                                runs[runs.Count] = child;
                            }
                        }
                        else
                        {
                            AssertParentCancelled(response);
                        }

                        break;
                }
            }
        });

        await Eventually.Succeeds(async () =>
        {
            var stored = (await Task.WhenAll(runs.Values.Select(FindStored))).ToDictionary(run => run.RunId);
            Assert.All(stored.Values, run => Assert.Empty(run.Outbox));
            var activeBelowCancelled = stored.Values.Where(run =>
                !RunStatuses.IsTerminal(run.Status) && GetAncestors(run).Any(ancestor => ancestor.Status == "cancelled"));
            Assert.Empty(activeBelowCancelled.Select(run => run.RunId));

            IEnumerable<Run> GetAncestors(Run run)
            {
                while (run.ParentRunId is { } parent)
                {
                    yield return run = stored[parent];
                }
            }
        });
    }
}
