using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Agents that append to their runs at an even pace, whether or not the server keeps up: latencies are measured from
/// the time at which an append was due. Some of the runs are streamed meanwhile.
/// </summary>
/// <param name="subject">The server.</param>
/// <param name="agents">The number of agents, each with a run.</param>
/// <param name="streams">The number of runs that are streamed.</param>
internal sealed class AgentLoad(BenchmarkSubject subject, int agents, int streams)
{
    public const int EventsPerAppend = 1;

    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Applies the load to new runs.</summary>
    /// <param name="rounds">The number of measured windows, one after the other.</param>
    /// <param name="window">The length of a window.</param>
    /// <param name="warmUp">How long the load lasts before the first window.</param>
    /// <param name="cancellationToken">Cancels the load.</param>
    public async Task<List<AgentLoadResult>> Run(int rounds, TimeSpan window, TimeSpan warmUp, CancellationToken cancellationToken)
    {
        var runs = new RunningRuns(subject, agents);
        await runs.Create(cancellationToken);
        using var client = subject.CreateClient();
        await using var readers = await StreamReaders.Open(client, runs.Ids.Take(streams), cancellationToken);
        var plan = runs.CreateAppendPlan(agents, EventsPerAppend) with { Interval = Interval, IncludesSendDelay = true };
        await LoadGenerator.Run(plan, agents, TimeSpan.Zero, warmUp, cancellationToken);

        if (readers.Failed > 0)
        {
            throw new InvalidOperationException($"{readers.Failed} of {streams} streams of {subject.Name} failed before the measurement.");
        }

        readers.TakeLatencies();
        var results = new List<AgentLoadResult>();
        while (results.Count < rounds)
        {
            var (memory, cpu) = (subject.Process.ResidentMemory, subject.Process.CpuSeconds);
            var failedStreams = readers.Failed;
            var load = await LoadGenerator.Run(plan, agents, TimeSpan.Zero, window, cancellationToken);
            results.Add(new AgentLoadResult
            {
                Subject = subject.Name,
                Agents = agents,
                Streams = streams,
                Appends = load,
                Deliveries = readers.TakeLatencies(),
                FailedStreams = readers.Failed - failedStreams,
                BytesAtStart = memory,
                BytesAtEnd = subject.Process.ResidentMemory,
                ServerCpuSeconds = subject.Process.CpuSeconds - cpu,
            });
        }

        return results;
    }
}
