using System.Globalization;
using System.Text;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Targets;
using Runs.Benchmarks.Wire;

namespace Runs.Benchmarks.Reporting;

/// <summary>Writes the results between the marks of a document, whose other text stays, and the chart beside it.</summary>
internal sealed class BenchmarkReport(BenchmarkOptions options, BenchmarkResults results, string machine)
{
    private const string BeginMarker = "<!-- measured: begin -->";
    private const string EndMarker = "<!-- measured: end -->";

    private readonly StringBuilder _text = new();

    /// <summary>The generated part.</summary>
    public string ToMarkdown()
    {
        _text.Clear();
        AppendLine($"## Machine\n\n{machine}\nTaken with `make bench{(options.CommandLine.Length > 0 ? $" ARGS=\"{options.CommandLine}\"" : "")}`: {options.Rounds} rounds of {options.SampleDuration.TotalSeconds:0.#} s each.\n");
        AppendCreates();
        AppendBuilds();
        AppendOperations();
        AppendCosts();
        AppendLine($"## Goals\n\nWhat Runs wants to be held against. Ratios are taken round by round, of samples that follow each other; the median counts.\n");
        var goals = new MarkdownTable(1, "goal", "measured", "bound", "");
        foreach (var goal in Thresholds.Evaluate(results))
        {
            goals.AddRow(goal.Description, NumberFormat.Format(goal.Measured), $"{(goal.IsMinimum ? "≥" : "≤")} {Math.Round(goal.Limit, 1).ToString(CultureInfo.InvariantCulture)}", goal.Result);
        }

        AppendLine($"{goals}");
        return _text.ToString().ReplaceLineEndings("\n").Trim();
    }

    public void Write(string file)
    {
        var generated = $"{BeginMarker}\n\n{ToMarkdown()}\n\n{EndMarker}";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var old = File.Exists(file) ? File.ReadAllText(file) : $"# Benchmarks\n\n{BeginMarker}\n{EndMarker}\n";
        var (begin, end) = (old.IndexOf(BeginMarker, StringComparison.Ordinal), old.IndexOf(EndMarker, StringComparison.Ordinal));
        File.WriteAllText(file, begin >= 0 && end > begin ? $"{old[..begin]}{generated}{old[(end + EndMarker.Length)..]}" : $"{old}\n{generated}\n");
        if (results.CreateSamples.Count > 0)
        {
            File.WriteAllText(Path.ChangeExtension(file, ".svg"), DrawCreatesChart().ToString().ReplaceLineEndings("\n"));
        }
    }

    private void AppendCreates()
    {
        if (results.CreateSamples.Count == 0)
        {
            return;
        }

        AppendLine($"## Creates\n\n![Creates per second and latency]({Path.GetFileNameWithoutExtension(options.OutputFile)}.svg)\n");
        AppendLine($"Medians over the rounds; the range is that of the creates/s. CPU is seconds of one core per 1,000 creates, with what was put off until after the answers. KB are allocated by the server per create, MB its resident memory at most.\n");
        var table = new MarkdownTable(1, "", "callers", "creates/s", "range", "p50 ms", "p95 ms", "p99 ms", "CPU server", "broker", "store", "callers' own", "KB", "GC ms/s", "MB", "catch-up s");
        foreach (var callers in results.CallerCounts)
        {
            foreach (var subject in results.Targets)
            {
                double Median(Func<Sample, double> figure) => results.Median(subject, callers, figure);
                double PerThousand(Func<Sample, double> cost) => Median(sample => 1000 * cost(sample) / sample.Load.SucceededTotal);
                table.AddRow(
                    subject, callers.ToString(CultureInfo.InvariantCulture),
                    NumberFormat.Format(Median(sample => sample.Load.PerSecond)), NumberFormat.FormatRange(results.SamplesFor(subject, callers).Select(sample => sample.Load.PerSecond)),
                    NumberFormat.Format(Median(sample => sample.Load.Percentile(0.5))), NumberFormat.Format(Median(sample => sample.Load.Percentile(0.95))), NumberFormat.Format(Median(sample => sample.Load.Percentile(0.99))),
                    NumberFormat.Format(PerThousand(sample => sample.ServerCpuSeconds)), NumberFormat.Format(PerThousand(sample => sample.BrokerCpuSeconds)), NumberFormat.Format(PerThousand(sample => sample.StoreCpuSeconds)),
                    NumberFormat.Format(PerThousand(sample => sample.Load.CallerCpuSeconds)),
                    NumberFormat.Format(Median(sample => sample.AllocatedBytes / 1024.0 / sample.Load.SucceededTotal)),
                    NumberFormat.Format(Median(sample => sample.GcPauseMilliseconds / (sample.Load.Seconds + 1))),
                    NumberFormat.Format(results.SamplesFor(subject, callers).Max(sample => sample.PeakMemoryBytes / 1e6)),
                    NumberFormat.Format(Median(sample => sample.CatchUpSeconds)));
            }
        }

        AppendLine($"{table}");
        AppendLine($"{string.Join("; ", results.Targets.Select(name => $"**{name}**: {options.DescribeTarget(name)}"))}.\n");
        var kept = results.AcceptedAndStored.Where(entry => entry.Value.Stored > 0).Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key} {entry.Value.Answered:N0} answered, {entry.Value.Stored:N0} stored"));
        AppendLine($"Runs answered 202 and runs in the store at the end: {string.Join("; ", kept)}.\n");
    }

    private void AppendBuilds()
    {
        if (options.Builds.Count == 0 || results.CreateSamples.Count == 0)
        {
            return;
        }

        AppendLine($"## This build beside others\n\n{BenchmarkTarget.RunsServer} in terms of the other build: the median of the rounds, and all of them.\n");
        var table = new MarkdownTable(1, "", "callers", "creates/s", "rounds", "p50", "rounds", "CPU server", "rounds");
        foreach (var (build, callers) in options.Builds.Keys.SelectMany(build => results.CallerCounts.Select(callers => (build, callers))))
        {
            List<string> cells = [];
            foreach (var figure in (Func<Sample, double>[])
                [sample => sample.Load.PerSecond, sample => sample.Load.Percentile(0.5), sample => sample.ServerCpuSeconds / sample.Load.SucceededTotal])
            {
                var ratios = results.Ratios(BenchmarkTarget.RunsServer, build, callers, figure).ToList();
                cells.AddRange([Ratio(ratios.Median()), string.Join(' ', ratios.Select(Ratio))]);
            }

            table.AddRow([build, callers.ToString(CultureInfo.InvariantCulture), .. cells]);
        }

        AppendLine($"{table}");

        static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);
    }

    private void AppendOperations()
    {
        if (results.Operations.Count + results.ListPages.Count + results.StartupSeconds.Count == 0 && results.Overload is null)
        {
            return;
        }

        AppendLine($"## Other operations\n");
        if (results.Operations.Count + results.ListPages.Count > 0)
        {
            var table = new MarkdownTable(1, "", "callers", "per second", "range", "p50 ms", "p99 ms", "failed");
            foreach (var row in results.Operations.Concat(results.ListPages.Select(list => list.Page)))
            {
                table.AddRow(
                    row.Description, row.Callers.ToString(CultureInfo.InvariantCulture), NumberFormat.Format(row.PerSecond), NumberFormat.FormatRange(row.Loads.Select(load => load.PerSecond)),
                    NumberFormat.Format(row.Percentile(0.5)), NumberFormat.Format(row.Percentile(0.99)), row.Loads.Sum(load => load.Failed).ToString(CultureInfo.InvariantCulture));
            }

            AppendLine($"{table}");
        }

        if (results.Overload is { } overload)
        {
            var table = new MarkdownTable(1, "overload", "asked/s", "accepted/s", "refused/s", "with Retry-After", "p50 ms", "p99 ms", "failed", "MB");
            Add("256 callers", overload.Normal, overload.Normal.PerSecond, overload.NormalPeakMemory);
            Add("five times as much", overload.Overloaded, overload.RequestedPerSecond, overload.OverloadedPeakMemory);
            AppendLine($"{table}");

            void Add(string what, Load.LoadResult load, double asked, long memory) => table.AddRow(
                what, NumberFormat.Format(asked), NumberFormat.Format(load.PerSecond), NumberFormat.Format(load.Rejected / load.Seconds), NumberFormat.Format(load.RejectedWithRetryAfter / load.Seconds),
                NumberFormat.Format(load.Percentile(0.5)), NumberFormat.Format(load.Percentile(0.99)), load.Failed.ToString(CultureInfo.InvariantCulture), NumberFormat.Format(memory / 1e6));
        }

        if (results.StartupSeconds.Count > 0)
        {
            AppendLine($"From the start of the process to the first 202, in seconds: {string.Join(", ", results.StartupSeconds.Select(start => $"{start.Key} {NumberFormat.Format(start.Value.Median())} ({NumberFormat.FormatRange(start.Value)})"))}.\n");
        }
    }

    private void AppendCosts()
    {
        if (results.Costs.Count == 0)
        {
            return;
        }

        AppendLine($"## What each create costs\n\nCounted on the wire between the server and its broker and store, per create. A write is awaited when holding it back holds back the answer.\n");
        var table = new MarkdownTable(1, "", "callers", "messages published", "store writes", "awaited", "store reads", "in detail");
        foreach (var cost in results.Costs)
        {
            var writes = cost.StoreCommands.Where(count => Wire.MongoMessageReader.IsWrite(count.Key)).Sum(count => count.Value);
            table.AddRow(
                cost.Target, cost.Callers.ToString(CultureInfo.InvariantCulture), NumberFormat.Format(cost.PublishedMessages), NumberFormat.Format(writes), NumberFormat.Format(cost.AwaitedWrites),
                NumberFormat.Format(cost.StoreCommands.Values.Sum() - writes),
                string.Join(", ", cost.BrokerMessages.Concat(cost.StoreCommands).Where(count => count.Value >= 0.005).Select(count => $"{count.Key} {NumberFormat.Format(count.Value)}")));
        }

        AppendLine($"{table}");
    }

    private Chart DrawCreatesChart()
    {
        var chart = new Chart(results.Targets);
        chart.AddPanel("creates per second", Groups(sample => sample.Load.PerSecond));
        chart.AddPanel("p50, ms", Groups(sample => sample.Load.Percentile(0.5)));
        chart.AddPanel("p99, ms", Groups(sample => sample.Load.Percentile(0.99)));
        return chart;

        List<(string, IReadOnlyList<Bar?>)> Groups(Func<Sample, double> figure) =>
            [.. results.CallerCounts.Select(callers => ($"{callers} caller{(callers == 1 ? "" : "s")}", (IReadOnlyList<Bar?>)[.. results.Targets.Select(subject => ToBar([.. results.SamplesFor(subject, callers).Select(figure).Where(double.IsFinite)]))]))];
    }

    private static Bar? ToBar(List<double> values) => values.Count == 0 ? null : new Bar(values.Median(), values.Min(), values.Max());

    private void AppendLine(FormattableString text) => _text.AppendLine(FormattableString.Invariant(text));
}
