using Runs.Bench.Bench.Load;
using Runs.Bench.Bench.Subjects;

namespace Runs.Bench.Bench.Measurements;

/// <summary>One sample: a load, and what it cost.</summary>
internal sealed record Sample
{
    public required string Subject { get; init; }

    public required int Callers { get; init; }

    public required LoadResult Load { get; init; }

    /// <summary>Seconds of processor time.</summary>
    public required double ServerCpu { get; init; }

    public required double BrokerCpu { get; init; }

    public required double StoreCpu { get; init; }

    /// <summary>Bytes.</summary>
    public required long Allocated { get; init; }

    /// <summary>Milliseconds that the server stood still for its garbage collector.</summary>
    public required double Pauses { get; init; }

    /// <summary>Bytes.</summary>
    public required long PeakMemory { get; init; }

    /// <summary>Seconds of work that was put off and done after the last answer.</summary>
    public required double CatchUp { get; init; }
}

/// <summary>Takes samples.</summary>
internal sealed class Sampler(Container broker, Container store)
{
    /// <summary>Lets callers ask a subject, then waits until it has nothing left to do. What it does after the last answer is part of its cost.</summary>
    public async Task<Sample> Take(Subject subject, LoadPlan plan, int callers, TimeSpan warmUp, TimeSpan window, CancellationToken cancellationToken)
    {
        subject.Process.ForgetPeak();
        var (allocated, pauses) = await subject.Process.Counters();
        var (server, brokerCpu, storeCpu) = (subject.Process.Cpu, await broker.ProcessorSeconds(), await store.ProcessorSeconds());
        var load = await LoadGenerator.Run(plan, callers, warmUp, window, cancellationToken);
        var catchUp = await subject.Process.IsQuiet(cancellationToken);
        var (allocatedAfter, pausesAfter) = await subject.Process.Counters();
        return new Sample
        {
            Subject = subject.Name,
            Callers = callers,
            Load = load,
            ServerCpu = subject.Process.Cpu - server,
            BrokerCpu = await broker.ProcessorSeconds() - brokerCpu,
            StoreCpu = await store.ProcessorSeconds() - storeCpu,
            Allocated = allocatedAfter - allocated,
            Pauses = pausesAfter - pauses,
            PeakMemory = subject.Process.PeakMemory,
            CatchUp = catchUp.TotalSeconds,
        };
    }
}
