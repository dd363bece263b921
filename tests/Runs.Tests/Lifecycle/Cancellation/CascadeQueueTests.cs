using Runs.Lifecycle;

namespace Runs.Tests.Lifecycle;

public sealed class CascadeQueueTests
{
    private readonly CascadeQueue _queue = new();

    [Fact]
    public async Task Tenants_take_turns_regardless_of_their_number_of_trees()
    {
        for (var i = 0; i < 100; i++)
        {
            _queue.Enqueue(NewCascade("many", i));
        }

        _queue.Enqueue(NewCascade("few", 0));

        var turns = await Take(10, isOver: false);
        Assert.Equal(2, turns.Count(cascade => cascade.Tenant == "few")); // four of the other, then its own
        Assert.Equal(4, turns.Where(cascade => cascade.Tenant == "many").Select(cascade => cascade.RunId).Distinct().Count());
    }

    [Fact]
    public async Task A_finished_cascade_frees_its_slot_for_a_queued_one()
    {
        for (var i = 0; i < 20; i++)
        {
            _queue.Enqueue(NewCascade("many", i));
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"run-{i}"), (await Take(20, isOver: true)).Select(cascade => cascade.RunId));
    }

    [Fact]
    public async Task The_same_cascade_is_not_dequeued_twice_at_a_time()
    {
        _queue.Enqueue(NewCascade("t", 1));
        _queue.Enqueue(NewCascade("t", 1));
        _queue.Enqueue(new CancellationCascade("t", "run-1", "parent", null)); // a check of its ancestors is different work

        Assert.Equal([false, true], (await Take(2, isOver: true)).Select(cascade => cascade.Key.IsCheck));

        _queue.Enqueue(NewCascade("t", 1));
        Assert.Single(await Take(1, isOver: true));
    }

    [Fact]
    public async Task Cascades_over_the_queue_limit_of_a_tenant_are_left_to_the_sweep_and_other_tenants_are_served()
    {
        for (var i = 0; i < 5_000; i++)
        {
            _queue.Enqueue(NewCascade("many", i));
        }

        _queue.Enqueue(NewCascade("few", 0));

        Assert.Contains(await Take(1024 + 4 + 1, isOver: true), cascade => cascade.Tenant == "few");
        _queue.Enqueue(NewCascade("next", 0));
        Assert.Equal("next", Assert.Single(await Take(1, isOver: true)).Tenant);
    }

    [Fact]
    public async Task Tenants_whose_cascades_have_finished_do_not_count_towards_the_limit_of_tenants()
    {
        for (var i = 0; i <= 8 * 1024; i++)
        {
            _queue.Enqueue(NewCascade($"tenant-{i}", 0));
            Assert.Single(await Take(1, isOver: true));
        }
    }

    private static CancellationCascade NewCascade(string tenant, int number) => new(tenant, $"run-{number}", null, null);

    private async Task<List<CancellationCascade>> Take(int turns, bool isOver)
    {
        var taken = new List<CancellationCascade>();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var cascade in _queue.ReadAll(deadline.Token))
        {
            taken.Add(cascade);
            _queue.CompleteStep(cascade, isOver);
            if (taken.Count == turns)
            {
                break;
            }
        }

        return taken;
    }
}
