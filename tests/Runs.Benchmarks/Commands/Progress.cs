using Runs.Benchmarks.Measurements;

namespace Runs.Benchmarks.Commands;

/// <summary>Writes progress messages to standard error.</summary>
internal static class Progress
{
    public static void Write(FormattableString message) => Console.Error.WriteLine(FormattableString.Invariant(message));

    public static void Report(Sample sample, int round)
    {
        var (key, load) = (sample.Key, sample.Load);
        Write($"{key.Operation}, {key.Callers} callers, round {round + 1}, {key.Subject}: {load.PerSecond:0}/s");
        Write($"  p50 {load.Percentile(0.5):0.0} ms, p99 {load.Percentile(0.99):0.0} ms");
        if (load.Rejected + load.Failed > 0)
        {
            Write($"  {load.Rejected} rejected, {load.Failed} failed");
        }
    }
}
