using System.Globalization;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Statistics;

namespace Runs.Benchmarks.Reporting;

/// <summary>A table with a row for each operation, subject and number of callers.</summary>
internal static class SampleTable
{
    /// <param name="samples">The samples.</param>
    /// <param name="referenceHeading">The heading of the column with the ratio to the reference.</param>
    /// <param name="getReference">The row that a row is compared with.</param>
    public static MarkdownTable Create(
        SampleSet samples,
        string referenceHeading,
        Func<SampleKey, SampleKey> getReference)
    {
        var table = new MarkdownTable(
            2,
            "", "subject", "callers", "per second", "range", referenceHeading, "p50 ms", "p99 ms",
            "CPU server", "store", "KB", "MB", "failed");
        foreach (var key in samples.Keys)
        {
            var reference = getReference(key);
            var ratio = reference == key ? double.NaN : samples.Ratios(key, reference, SampleMetrics.PerSecond).Median();
            var all = samples.Find(key);
            table.AddRow(
                key.Operation,
                key.Subject,
                key.Callers.ToString(CultureInfo.InvariantCulture),
                FormatMedian(SampleMetrics.PerSecond),
                NumberFormat.FormatRange(all.Select(SampleMetrics.PerSecond)),
                NumberFormat.Format(ratio),
                FormatMedian(SampleMetrics.P50),
                FormatMedian(SampleMetrics.P99),
                FormatMedian(SampleMetrics.ServerCpu),
                FormatMedian(SampleMetrics.StoreCpu),
                FormatMedian(SampleMetrics.AllocatedKilobytes),
                NumberFormat.Format(all.Max(SampleMetrics.PeakMegabytes)),
                all.Sum(sample => sample.Load.Failed + sample.Load.Rejected).ToString(CultureInfo.InvariantCulture));

            string FormatMedian(Func<Sample, double> metric) => NumberFormat.Format(samples.Median(key, metric));
        }

        return table;
    }
}
