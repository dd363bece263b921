using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>Claims of one subject, whose pool always has ready runs.</summary>
/// <param name="processes">The processes of the subject.</param>
/// <param name="plan">The claims.</param>
/// <param name="ready">The ready runs of the subject.</param>
internal sealed class ClaimLoad(IReadOnlyList<SubjectProcess> processes, LoadPlan plan, ReadyRuns ready)
{
    private const int WarmUpCallers = 64;
    private const int WarmUpClaims = 2_000;
    private const int MaxWarmUpLoads = 30;
    private const double Margin = 1.5;
    private const double MinRate = 1_000;

    private static readonly TimeSpan WarmUpBeforeSample = TimeSpan.FromSeconds(0.5);

    // The most claims per second so far, by the number of callers. A load that ended early may have none.
    private readonly Dictionary<int, double> _rates = [];

    public IReadOnlyList<SubjectProcess> Processes => processes;

    /// <summary>Claims until so much time has passed in claims.</summary>
    public async Task WarmUp(TimeSpan duration, CancellationToken cancellationToken)
    {
        var elapsed = TimeSpan.Zero;
        for (var load = 0; elapsed < duration && load < MaxWarmUpLoads; load++)
        {
            await ready.Fill(WarmUpClaims, cancellationToken);
            var limited = plan with { MaxRequests = ready.MaxClaims };
            var rest = duration - elapsed;
            var result = await LoadGenerator.Run(limited, WarmUpCallers, TimeSpan.Zero, rest, cancellationToken);
            ready.RecordClaims(result);
            RecordRate(WarmUpCallers, result);
            elapsed += TimeSpan.FromSeconds(result.Seconds);
        }

        await Task.WhenAll(processes.Select(process => process.WaitUntilIdle(cancellationToken)));
    }

    /// <summary>More claims than a load of this duration sends, judged by the earlier ones.</summary>
    public long EstimateClaims(int callers, TimeSpan duration)
    {
        var rate = _rates.GetValueOrDefault(callers, _rates.GetValueOrDefault(WarmUpCallers));
        return (long)(Margin * Math.Max(rate, MinRate) * duration.TotalSeconds);
    }

    /// <summary>Takes a sample.</summary>
    public async Task<Sample> Take(Sampler sampler, SampleKey key, TimeSpan window, CancellationToken cancellationToken)
    {
        await ready.Fill(EstimateClaims(key.Callers, WarmUpBeforeSample + window), cancellationToken);
        var limited = plan with { MaxRequests = ready.MaxClaims };
        var sample = await sampler.Take(key, processes, limited, WarmUpBeforeSample, window, cancellationToken);
        ready.RecordClaims(sample.Load);
        RecordRate(key.Callers, sample.Load);
        return sample.Load.Latencies.Count > 0
            ? sample
            : throw new InvalidOperationException($"The pool of {key.Subject} had too few runs for a sample.");
    }

    private void RecordRate(int callers, LoadResult load)
    {
        if (load.Latencies.Count > 0)
        {
            _rates[callers] = Math.Max(_rates.GetValueOrDefault(callers), load.PerSecond);
        }
    }
}
