using System.Globalization;
using System.Text;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Measurements;

namespace Runs.Benchmarks.Reporting;

/// <summary>The section about other operations than creates: reads, appends, lists, overload and startup.</summary>
internal static class OperationsSection
{
    public static string Format(BenchmarkResults results)
    {
        List<OperationResult> operations = [.. results.Operations, .. results.ListPages.Select(list => list.Page)];
        if (operations.Count == 0 && results.StartupSeconds.Count == 0 && results.Overload is null)
        {
            return "";
        }

        var text = new StringBuilder("## Other operations\n\n");
        if (operations.Count > 0)
        {
            text.Append(CreateOperationsTable(operations)).AppendLine();
        }

        if (results.Overload is { } overload)
        {
            text.Append(CreateOverloadTable(overload)).AppendLine();
        }

        if (results.StartupSeconds.Count > 0)
        {
            var durations = results.StartupSeconds.Select(
                target => $"{target.Key} {NumberFormat.Format(target.Value.Median())} ({NumberFormat.FormatRange(target.Value)})");
            text.Append("From the start of the process to the first 202, in seconds: ").AppendJoin(", ", durations).AppendLine(".");
        }

        return $"{text.ToString().TrimEnd()}\n";
    }

    private static MarkdownTable CreateOperationsTable(List<OperationResult> operations)
    {
        var table = new MarkdownTable(1, "", "callers", "per second", "range", "p50 ms", "p99 ms", "failed");
        foreach (var operation in operations)
        {
            table.AddRow(
                operation.Description,
                operation.Callers.ToString(CultureInfo.InvariantCulture),
                NumberFormat.Format(operation.PerSecond),
                NumberFormat.FormatRange(operation.Loads.Select(load => load.PerSecond)),
                NumberFormat.Format(operation.Percentile(0.5)),
                NumberFormat.Format(operation.Percentile(0.99)),
                operation.Loads.Sum(load => load.Failed).ToString(CultureInfo.InvariantCulture));
        }

        return table;
    }

    private static MarkdownTable CreateOverloadTable(OverloadResult overload)
    {
        var table = new MarkdownTable(
            1, "overload", "asked/s", "accepted/s", "refused/s", "with Retry-After", "p50 ms", "p99 ms", "failed", "MB");
        AddRow("256 callers", overload.Normal, overload.Normal.PerSecond, overload.NormalPeakMemory);
        AddRow("five times as much", overload.Overloaded, overload.RequestedPerSecond, overload.OverloadedPeakMemory);
        return table;

        void AddRow(string description, LoadResult load, double requestedPerSecond, long peakMemory) => table.AddRow(
            description,
            NumberFormat.Format(requestedPerSecond),
            NumberFormat.Format(load.PerSecond),
            NumberFormat.Format(load.Rejected / load.Seconds),
            NumberFormat.Format(load.RejectedWithRetryAfter / load.Seconds),
            NumberFormat.Format(load.Percentile(0.5)),
            NumberFormat.Format(load.Percentile(0.99)),
            load.Failed.ToString(CultureInfo.InvariantCulture),
            NumberFormat.Format(peakMemory / 1e6));
    }
}
