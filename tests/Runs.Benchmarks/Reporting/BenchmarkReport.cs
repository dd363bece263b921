using System.Diagnostics;
using System.Globalization;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Comparison;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Reporting;

/// <summary>
/// Writes the tables between two markers of a document, whose other text stays, and the chart and all samples to files
/// beside the document.
/// </summary>
internal sealed class BenchmarkReport(BenchmarkOptions options, BenchmarkResults results, IReadOnlyList<string> machine)
{
    private const string BeginMarker = "<!-- measured: begin -->";
    private const string EndMarker = "<!-- measured: end -->";

    /// <summary>The generated part.</summary>
    public string ToMarkdown()
    {
        string[] sections =
        [
            DescribeMachine(),
            CreatesSection.Format(options, results),
            BuildComparisonSection.Format(options, results),
            WireCostsSection.Format(results),
            SampleSections.FormatReads(results),
            SampleSections.FormatAppends(results),
            StreamsSection.Format(results),
            AgentsSection.Format(results),
            SampleSections.FormatGrowth(results),
            StartupSection.Format(results),
            SampleSections.FormatScaleOut(results),
            SampleSections.FormatBrokerCluster(results),
            OverloadSection.Format(results),
            ExecutionSection.Format(results.Execution),
            FormatGoals(),
        ];
        return string.Join('\n', sections.Where(section => section.Length > 0)).ReplaceLineEndings("\n").Trim();
    }

    public void Write(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var generated = $"{BeginMarker}\n\n{ToMarkdown()}\n\n{EndMarker}";
        var document = File.Exists(file) ? File.ReadAllText(file) : $"# Benchmarks\n\n{BeginMarker}\n{EndMarker}\n";
        var begin = document.IndexOf(BeginMarker, StringComparison.Ordinal);
        var end = document.IndexOf(EndMarker, StringComparison.Ordinal);
        File.WriteAllText(
            file,
            begin >= 0 && end > begin
                ? $"{document[..begin]}{generated}{document[(end + EndMarker.Length)..]}"
                : $"{document}\n{generated}\n");
        if (!results.Creates.IsEmpty)
        {
            File.WriteAllBytes(Path.ChangeExtension(file, ".svg"), CreatesChart.Draw(results));
        }

        File.WriteAllText(Path.ChangeExtension(file, ".json"), ToFile().ToJson());
    }

    /// <summary>The result for the JSON file.</summary>
    public BenchmarkResultFile ToFile() => new()
    {
        SchemaVersion = BenchmarkResultFile.CurrentSchemaVersion,
        MeasuredAt = TimeProvider.System.GetUtcNow(),
        Build = FileVersionInfo
            .GetVersionInfo(Path.Combine(AppContext.BaseDirectory, BenchmarkSubject.ServerAssembly))
            .ProductVersion ?? "unknown",
        Command = Command,
        Machine = machine,
        PartSeconds = results.PartDurations.ToDictionary(part => part.Part, part => part.Duration.TotalSeconds),
        Goals =
        [
            .. new Goals(options, results).Evaluate().Select(goal => new GoalResult(
                goal.Description,
                double.IsFinite(goal.Measured) ? goal.Measured : null,
                goal.Limit,
                goal.Result)),
        ],
        Figures = FigureCollector.Collect(results),
    };

    private string Command => options.CommandLine.Length > 0 ? $"make bench ARGS=\"{options.CommandLine}\"" : "make bench";

    private string DescribeMachine() => string.Create(CultureInfo.InvariantCulture, $"""
        ## Machine

        {string.Join('\n', machine)}
        Taken with `{Command}`: {options.Rounds} rounds of {options.SampleDuration.TotalSeconds:0.#} s each.
        Minutes of each part: {string.Join(", ", results.PartDurations.Select(FormatDuration))}.

        """);

    private string FormatDuration((string Part, TimeSpan Duration) part)
    {
        var failure = results.FailedParts.Contains(part.Part) ? " (**failed**)" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{part.Part} {part.Duration.TotalMinutes:0.0}{failure}");
    }

    private string FormatGoals()
    {
        var table = new MarkdownTable(1, "goal", "measured", "bound", "");
        foreach (var goal in new Goals(options, results).Evaluate())
        {
            var limit = Math.Round(goal.Limit, 2).ToString(CultureInfo.InvariantCulture);
            table.AddRow(
                goal.Description,
                NumberFormat.Format(goal.Measured),
                $"{(goal.IsMinimum ? "≥" : "≤")} {limit}",
                goal.Result);
        }

        return $"""
            ## Goals

            The goals of Runs. Ratios are taken for each round, of samples that follow each other; the median counts.

            {table}
            """;
    }
}
