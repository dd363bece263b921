using System.Globalization;
using System.Text;
using Runs.Bench.Bench.Measurements;
using Runs.Bench.Bench.Subjects;

namespace Runs.Bench.Bench.Figures;

/// <summary>Writes the results between the marks of a document, whose other text stays, and the chart beside it.</summary>
internal sealed class Report(BenchOptions options, Results results, string machine)
{
    private const string Begin = "<!-- measured: begin -->";
    private const string End = "<!-- measured: end -->";

    private readonly StringBuilder _text = new();

    /// <summary>The generated part.</summary>
    public string Markdown()
    {
        _text.Clear();
        Line($"## Machine\n\n{machine}\nTaken with `make bench{(options.Given.Length > 0 ? $" ARGS=\"{options.Given}\"" : "")}`: {options.Rounds} rounds of {options.Window.TotalSeconds:0.#} s each.\n");
        Creates();
        Builds();
        Operations();
        Costs();
        Line($"## Goals\n\nWhat Runs wants to be held against. Ratios are taken round by round, of samples that follow each other; the median counts.\n");
        var goals = new Table(1, "goal", "measured", "bound", "");
        foreach (var goal in Goals.Of(results))
        {
            goals.Add(goal.What, Shown.Number(goal.Measured), $"{(goal.IsLeast ? "≥" : "≤")} {Math.Round(goal.Bound, 1).ToString(CultureInfo.InvariantCulture)}", goal.Verdict);
        }

        Line($"{goals}");
        return _text.ToString().ReplaceLineEndings("\n").Trim();
    }

    public void Write(string file)
    {
        var generated = $"{Begin}\n\n{Markdown()}\n\n{End}";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var old = File.Exists(file) ? File.ReadAllText(file) : $"# Benchmarks\n\n{Begin}\n{End}\n";
        var (begin, end) = (old.IndexOf(Begin, StringComparison.Ordinal), old.IndexOf(End, StringComparison.Ordinal));
        File.WriteAllText(file, begin >= 0 && end > begin ? $"{old[..begin]}{generated}{old[(end + End.Length)..]}" : $"{old}\n{generated}\n");
        if (results.Creates.Count > 0)
        {
            File.WriteAllText(Path.ChangeExtension(file, ".svg"), ChartOfCreates().ToString().ReplaceLineEndings("\n"));
        }
    }

    private void Creates()
    {
        if (results.Creates.Count == 0)
        {
            return;
        }

        Line($"## Creates\n\n![Creates per second and latency]({Path.GetFileNameWithoutExtension(options.Out)}.svg)\n");
        Line($"Medians over the rounds; the range is that of the creates/s. CPU is seconds of one core per 1,000 creates, with what was put off until after the answers. KB are allocated by the server per create, MB its resident memory at most.\n");
        var table = new Table(1, "", "callers", "creates/s", "range", "p50 ms", "p95 ms", "p99 ms", "CPU server", "broker", "store", "callers' own", "KB", "GC ms/s", "MB", "catch-up s");
        foreach (var callers in results.Callers)
        {
            foreach (var subject in results.Subjects)
            {
                double Median(Func<Sample, double> figure) => results.Median(subject, callers, figure);
                double PerThousand(Func<Sample, double> cost) => Median(sample => 1000 * cost(sample) / sample.Load.AllGood);
                table.Add(
                    subject, callers.ToString(CultureInfo.InvariantCulture),
                    Shown.Number(Median(sample => sample.Load.PerSecond)), Shown.Range(results.Of(subject, callers).Select(sample => sample.Load.PerSecond)),
                    Shown.Number(Median(sample => sample.Load.Percentile(0.5))), Shown.Number(Median(sample => sample.Load.Percentile(0.95))), Shown.Number(Median(sample => sample.Load.Percentile(0.99))),
                    Shown.Number(PerThousand(sample => sample.ServerCpu)), Shown.Number(PerThousand(sample => sample.BrokerCpu)), Shown.Number(PerThousand(sample => sample.StoreCpu)),
                    Shown.Number(PerThousand(sample => sample.Load.CallersCpu)),
                    Shown.Number(Median(sample => sample.Allocated / 1024.0 / sample.Load.AllGood)),
                    Shown.Number(Median(sample => sample.Pauses / (sample.Load.Seconds + 1))),
                    Shown.Number(results.Of(subject, callers).Max(sample => sample.PeakMemory / 1e6)),
                    Shown.Number(Median(sample => sample.CatchUp)));
            }
        }

        Line($"{table}");
        Line($"{string.Join("; ", results.Subjects.Select(name => $"**{name}**: {options.DescriptionOf(name)}"))}.\n");
        var kept = results.Kept.Where(entry => entry.Value.Stored > 0).Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key} {entry.Value.Answered:N0} answered, {entry.Value.Stored:N0} stored"));
        Line($"Runs answered 202 and runs in the store at the end: {string.Join("; ", kept)}.\n");
    }

    private void Builds()
    {
        if (options.Builds.Count == 0 || results.Creates.Count == 0)
        {
            return;
        }

        Line($"## This build beside others\n\n{Subject.Ours} in terms of the other build: the median of the rounds, and all of them.\n");
        var table = new Table(1, "", "callers", "creates/s", "rounds", "p50", "rounds", "CPU server", "rounds");
        foreach (var (build, callers) in options.Builds.Keys.SelectMany(build => results.Callers.Select(callers => (build, callers))))
        {
            List<string> cells = [];
            foreach (var figure in (Func<Sample, double>[])
                [sample => sample.Load.PerSecond, sample => sample.Load.Percentile(0.5), sample => sample.ServerCpu / sample.Load.AllGood])
            {
                var ratios = results.Ratios(Subject.Ours, build, callers, figure).ToList();
                cells.AddRange([Ratio(ratios.Median()), string.Join(' ', ratios.Select(Ratio))]);
            }

            table.Add([build, callers.ToString(CultureInfo.InvariantCulture), .. cells]);
        }

        Line($"{table}");

        static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);
    }

    private void Operations()
    {
        if (results.Operations.Count + results.Lists.Count + results.Starts.Count == 0 && results.Overload is null)
        {
            return;
        }

        Line($"## Other operations\n");
        if (results.Operations.Count + results.Lists.Count > 0)
        {
            var table = new Table(1, "", "callers", "per second", "range", "p50 ms", "p99 ms", "failed");
            foreach (var row in results.Operations.Concat(results.Lists.Select(list => list.Page)))
            {
                table.Add(
                    row.What, row.Callers.ToString(CultureInfo.InvariantCulture), Shown.Number(row.PerSecond), Shown.Range(row.Loads.Select(load => load.PerSecond)),
                    Shown.Number(row.Percentile(0.5)), Shown.Number(row.Percentile(0.99)), row.Loads.Sum(load => load.Failed).ToString(CultureInfo.InvariantCulture));
            }

            Line($"{table}");
        }

        if (results.Overload is { } overload)
        {
            var table = new Table(1, "overload", "asked/s", "accepted/s", "refused/s", "with Retry-After", "p50 ms", "p99 ms", "failed", "MB");
            Add("256 callers", overload.Normal, overload.Normal.PerSecond, overload.NormalMemory);
            Add("five times as much", overload.Over, overload.Asked, overload.OverMemory);
            Line($"{table}");

            void Add(string what, Load.LoadResult load, double asked, long memory) => table.Add(
                what, Shown.Number(asked), Shown.Number(load.PerSecond), Shown.Number(load.Refused / load.Seconds), Shown.Number(load.RefusedWithRetryAfter / load.Seconds),
                Shown.Number(load.Percentile(0.5)), Shown.Number(load.Percentile(0.99)), load.Failed.ToString(CultureInfo.InvariantCulture), Shown.Number(memory / 1e6));
        }

        if (results.Starts.Count > 0)
        {
            Line($"From the start of the process to the first 202, in seconds: {string.Join(", ", results.Starts.Select(start => $"{start.Key} {Shown.Number(start.Value.Median())} ({Shown.Range(start.Value)})"))}.\n");
        }
    }

    private void Costs()
    {
        if (results.Costs.Count == 0)
        {
            return;
        }

        Line($"## What each create costs\n\nCounted on the wire between the server and its broker and store, per create. A write is awaited when holding it back holds back the answer.\n");
        var table = new Table(1, "", "callers", "messages published", "store writes", "awaited", "store reads", "in detail");
        foreach (var cost in results.Costs)
        {
            var writes = cost.Store.Where(count => Wire.MongoReader.IsWrite(count.Key)).Sum(count => count.Value);
            table.Add(
                cost.Subject, cost.Callers.ToString(CultureInfo.InvariantCulture), Shown.Number(cost.Published), Shown.Number(writes), Shown.Number(cost.AwaitedWrites),
                Shown.Number(cost.Store.Values.Sum() - writes),
                string.Join(", ", cost.Broker.Concat(cost.Store).Where(count => count.Value >= 0.005).Select(count => $"{count.Key} {Shown.Number(count.Value)}")));
        }

        Line($"{table}");
    }

    private Chart ChartOfCreates()
    {
        var chart = new Chart(results.Subjects);
        chart.Panel("creates per second", Groups(sample => sample.Load.PerSecond));
        chart.Panel("p50, ms", Groups(sample => sample.Load.Percentile(0.5)));
        chart.Panel("p99, ms", Groups(sample => sample.Load.Percentile(0.99)));
        return chart;

        List<(string, IReadOnlyList<Bar?>)> Groups(Func<Sample, double> figure) =>
            [.. results.Callers.Select(callers => ($"{callers} caller{(callers == 1 ? "" : "s")}", (IReadOnlyList<Bar?>)[.. results.Subjects.Select(subject => BarOf([.. results.Of(subject, callers).Select(figure).Where(double.IsFinite)]))]))];
    }

    private static Bar? BarOf(List<double> values) => values.Count == 0 ? null : new Bar(values.Median(), values.Min(), values.Max());

    private void Line(FormattableString text) => _text.AppendLine(FormattableString.Invariant(text));
}
