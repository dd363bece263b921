using System.Globalization;
using Runs.Benchmarks.Commands;

namespace Runs.Benchmarks.Reporting;

/// <summary>
/// Writes the results between two markers of a document, whose other text stays, and the chart to a file beside the
/// document.
/// </summary>
internal sealed class BenchmarkReport(BenchmarkOptions options, BenchmarkResults results, string machine)
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
            OperationsSection.Format(results),
            WireCostsSection.Format(results),
            FormatThresholds(),
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
        if (results.CreateSamples.Count > 0)
        {
            File.WriteAllBytes(Path.ChangeExtension(file, ".svg"), CreatesChart.Draw(results));
        }
    }

    private string DescribeMachine()
    {
        var arguments = options.CommandLine.Length > 0 ? $" ARGS=\"{options.CommandLine}\"" : "";
        return string.Create(CultureInfo.InvariantCulture, $"""
            ## Machine

            {machine}
            Taken with `make bench{arguments}`: {options.Rounds} rounds of {options.SampleDuration.TotalSeconds:0.#} s each.

            """);
    }

    private string FormatThresholds()
    {
        var table = new MarkdownTable(1, "goal", "measured", "bound", "");
        foreach (var threshold in Thresholds.Evaluate(results))
        {
            var limit = Math.Round(threshold.Limit, 1).ToString(CultureInfo.InvariantCulture);
            table.AddRow(
                threshold.Description,
                NumberFormat.Format(threshold.Measured),
                $"{(threshold.IsMinimum ? "≥" : "≤")} {limit}",
                threshold.Result);
        }

        return $"""
            ## Goals

            The thresholds for Runs. Ratios are taken for each round, of samples that follow each other; the median counts.

            {table}
            """;
    }
}
