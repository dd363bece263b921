using Runs.Lifecycle;

namespace Runs.Tests.Lifecycle;

public sealed class CascadeQueueTests
{
    private readonly CascadeQueue _queue = new();

    [Fact]
    public async Task Tenants_take_turns_however_many_trees_one_of_them_has()
    {
        for (var i = 0; i < 100; i++)
        {
            _queue.Offer(NewCascade("many", i));
        }

        _queue.Offer(NewCascade("few", 0));

        var turns = await Take(10, isOver: false);
        Assert.Equal(2, turns.Count(cascade => cascade.Tenant == "few")); // four of the other, then its own
        Assert.Equal(4, turns.Where(cascade => cascade.Tenant == "many").Select(cascade => cascade.RunId).Distinct().Count());
    }

    [Fact]
    public async Task What_is_over_makes_room_for_what_waits()
    {
        for (var i = 0; i < 20; i++)
        {
            _queue.Offer(NewCascade("many", i));
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"run-{i}"), (await Take(20, isOver: true)).Select(cascade => cascade.RunId));
    }

    [Fact]
    public async Task The_same_work_is_taken_once_at_a_time()
    {
        _queue.Offer(NewCascade("t", 1));
        _queue.Offer(NewCascade("t", 1));
        _queue.Offer(new Cascade("t", "run-1", "parent", null)); // a look at its ancestors is something else

        Assert.Equal([false, true], (await Take(2, isOver: true)).Select(cascade => cascade.Key.IsCheck));

        _queue.Offer(NewCascade("t", 1));
        Assert.Single(await Take(1, isOver: true));
    }

    [Fact]
    public async Task A_tenant_whose_waiting_trees_are_too_many_leaves_them_to_the_sweep_and_others_are_taken()
    {
        for (var i = 0; i < 5_000; i++)
        {
            _queue.Offer(NewCascade("many", i));
        }

        _queue.Offer(NewCascade("few", 0));

        Assert.Contains(await Take(1024 + 4 + 1, isOver: true), cascade => cascade.Tenant == "few");
        _queue.Offer(NewCascade("next", 0));
        Assert.Equal("next", Assert.Single(await Take(1, isOver: true)).Tenant);
    }

    private static Cascade NewCascade(string tenant, int number) => new(tenant, $"run-{number}", null, null);

    private async Task<List<Cascade>> Take(int turns, bool isOver)
    {
        var taken = new List<Cascade>();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var cascade in _queue.Turns(deadline.Token))
        {
            taken.Add(cascade);
            _queue.Return(cascade, isOver);
            if (taken.Count == turns)
            {
                break;
            }
        }

        return taken;
    }
}
