using System.Globalization;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Statistics;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Reporting;

/// <summary>The section about agents.</summary>
internal static class AgentsSection
{
    public static string Format(BenchmarkResults results)
    {
        if (results.Agents is not [var first, ..])
        {
            return "";
        }

        return string.Create(CultureInfo.InvariantCulture, $"""
            ## Agents

            {first.Agents:N0} agents append an event every {AgentLoad.Interval.TotalMilliseconds} ms each, at an even pace;
            {first.Streams:N0} of their runs are streamed. Each row is a window of the same load. Latencies are measured from
            the time at which an append was due.

            {CreateLoadTable(results.Agents)}
            The whole life of an agent run, by 64 callers: a create, {AgentLife.Appends} appends of which the first starts the
            run, a wait for a tool in the middle and its result, and the completion.

            {CreateLifeTable(results.AgentLives)}
            """);
    }

    private static MarkdownTable CreateLoadTable(List<AgentLoadResult> results)
    {
        var table = new MarkdownTable(
            1,
            "window", "appends/s", "p50 ms", "p99 ms", "delivery p50 ms", "p99 ms", "CPU s", "MB at the start", "at the end",
            "rejected", "failed", "failed streams");
        foreach (var (index, result) in results.Index())
        {
            table.AddRow(
                $"{index + 1}",
                NumberFormat.Format(result.Appends.PerSecond),
                NumberFormat.Format(result.Appends.Percentile(0.5)),
                NumberFormat.Format(result.Appends.Percentile(0.99)),
                NumberFormat.Format(result.Deliveries.Percentile(0.5)),
                NumberFormat.Format(result.Deliveries.Percentile(0.99)),
                NumberFormat.Format(result.ServerCpuSeconds),
                NumberFormat.Format(result.BytesAtStart / 1e6),
                NumberFormat.Format(result.BytesAtEnd / 1e6),
                result.Appends.Rejected.ToString(CultureInfo.InvariantCulture),
                result.Appends.Failed.ToString(CultureInfo.InvariantCulture),
                result.FailedStreams.ToString(CultureInfo.InvariantCulture));
        }

        return table;
    }

    private static MarkdownTable CreateLifeTable(List<AgentLifeResult> results)
    {
        var table = new MarkdownTable(1, "", "per second", "range", "p50 ms", "p99 ms", "failed");
        if (results.Count == 0)
        {
            return table;
        }

        AddRow("life", life => life.Lives, results.Sum(life => life.Failed).ToString(CultureInfo.InvariantCulture));
        foreach (var step in results[0].Steps.Keys)
        {
            AddRow(step, life => life.Steps[step], failed: "");
        }

        return table;

        void AddRow(string name, Func<AgentLifeResult, LatencyHistogram> get, string failed)
        {
            var rates = results.Select(life => get(life).Count / life.Seconds).ToList();
            table.AddRow(
                name,
                NumberFormat.Format(rates.Median()),
                NumberFormat.FormatRange(rates),
                NumberFormat.Format(results.Select(life => get(life).Percentile(0.5)).Median()),
                NumberFormat.Format(results.Select(life => get(life).Percentile(0.99)).Median()),
                failed);
        }
    }
}
