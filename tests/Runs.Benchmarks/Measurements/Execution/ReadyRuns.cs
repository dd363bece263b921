using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>
/// Keeps runs ready in the pool of a subject, so that no claim finds the pool empty: a load of claims ends before.
/// </summary>
/// <param name="creator">The server that creates the runs.</param>
/// <param name="processes">All processes of the subject.</param>
internal sealed class ReadyRuns(BenchmarkSubject creator, IReadOnlyList<SubjectProcess> processes)
{
    // More than the callers have under way, and than another process hides by having read it.
    private const int Reserve = 512;
    private const int Creators = 64;

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private long _ready;

    /// <summary>How many claims a load may send.</summary>
    public long MaxClaims => _ready - Reserve;

    /// <summary>Creates runs until so many claims may be sent, and waits until the processes are idle.</summary>
    public async Task Fill(long claims, CancellationToken cancellationToken)
    {
        var missing = claims + Reserve - _ready;
        if (missing <= 0)
        {
            return;
        }

        var plan = creator.CreatePlan with { MaxRequests = missing };
        var load = await LoadGenerator.Run(plan, Creators, TimeSpan.Zero, Timeout, cancellationToken);
        if (load.SucceededTotal != missing)
        {
            throw new InvalidOperationException($"{creator.Name} created {load.SucceededTotal} of {missing} runs.");
        }

        _ready += missing;
        await Task.WhenAll(processes.Select(process => process.WaitUntilIdle(cancellationToken)));
    }

    public void RecordClaims(LoadResult load) => _ready -= load.SucceededTotal;
}
