using System.Globalization;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Statistics;

namespace Runs.Benchmarks.Reporting;

/// <summary>The section about streams.</summary>
internal static class StreamsSection
{
    public static string Format(BenchmarkResults results)
    {
        if (results.Streams.IsEmpty)
        {
            return "";
        }

        var table = new MarkdownTable(
            1, "delivery", "streams", "events/s", "p50 ms", "p99 ms", "p50 of the append ms", "failed",
            "failed streams");
        foreach (var samples in results.Deliveries.GroupBy(result => result.Subject))
        {
            table.AddRow(
                samples.Key,
                samples.First().Streams.ToString(CultureInfo.InvariantCulture),
                FormatMedian(result => result.Deliveries.Count / result.Appends.Seconds),
                FormatMedian(result => result.Deliveries.Percentile(0.5)),
                FormatMedian(result => result.Deliveries.Percentile(0.99)),
                FormatMedian(result => result.Appends.Percentile(0.5)),
                samples.Sum(result => result.Appends.Failed + result.Appends.Rejected).ToString(CultureInfo.InvariantCulture),
                samples.Sum(result => result.FailedStreams).ToString(CultureInfo.InvariantCulture));

            string FormatMedian(Func<AgentLoadResult, double> metric) => NumberFormat.Format(samples.Select(metric).Median());
        }

        return $"""
            ## Streams

            The baseline of a completed run is Kestrel, one find and its events as server-sent events; open streams get what the same
            process appends. Delivery: from the time at which an append was due until its stream had the event.

            {SampleTable.Create(results.Streams, "of the baseline", SampleSections.GetBaseline)}
            {table}
            """;
    }
}
