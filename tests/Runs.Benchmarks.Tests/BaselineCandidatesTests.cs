using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Tests;

public sealed class BaselineCandidatesTests
{
    [Fact]
    public async Task A_run_is_given_to_one_caller_while_reads_still_find_it()
    {
        var reads = new Queue<List<string>>([["a", "b"], ["b", "c"], ["c"], []]);
        var candidates = new BaselineCandidates(_ => Task.FromResult(reads.Dequeue()));

        List<string?> taken = [];
        for (var caller = 0; caller < 4; caller++)
        {
            taken.Add(await candidates.Take());
        }

        Assert.Equal(["a", "b", "c", null], taken);
    }

    [Fact]
    public async Task A_run_that_became_ready_again_is_given_again()
    {
        var reads = new Queue<List<string>>([["a"], ["b"], ["a"]]);
        var candidates = new BaselineCandidates(_ => Task.FromResult(reads.Dequeue()));

        List<string?> taken = [await candidates.Take(), await candidates.Take(), await candidates.Take()];

        Assert.Equal(["a", "b", "a"], taken);
    }
}
