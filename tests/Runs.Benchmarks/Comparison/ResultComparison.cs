using System.Globalization;
using Runs.Benchmarks.Reporting;

namespace Runs.Benchmarks.Comparison;

/// <summary>Compares two results, figure by figure.</summary>
internal sealed class ResultComparison
{
    private readonly double _tolerance;

    /// <param name="after">The newer result.</param>
    /// <param name="before">The earlier result.</param>
    /// <param name="tolerance">How much worse a figure may be, as a share.</param>
    public ResultComparison(BenchmarkResultFile after, BenchmarkResultFile before, double tolerance)
    {
        _tolerance = tolerance;
        var earlier = before.Figures.ToDictionary(figure => figure.Name);
        Figures =
        [
            .. after.Figures
                .Where(figure => earlier.ContainsKey(figure.Name))
                .Select(figure => FigureComparison.Create(figure, earlier[figure.Name])),
        ];
    }

    /// <summary>The figures that both results have.</summary>
    public IReadOnlyList<FigureComparison> Figures { get; }

    public IReadOnlyList<FigureComparison> Regressions => [.. Figures.Where(figure => figure.IsRegression(_tolerance))];

    public string ToMarkdown()
    {
        var table = new MarkdownTable(1, "figure", "unit", "before", "after", "ratio", "95 %", "");
        foreach (var figure in Figures)
        {
            table.AddRow(
                figure.Figure.Name,
                figure.Figure.Unit,
                NumberFormat.Format(figure.Before.Median()),
                NumberFormat.Format(figure.Figure.Median()),
                FormatRatio(figure.Ratio),
                figure.Interval is { } interval ? $"{FormatRatio(interval.Low)}-{FormatRatio(interval.High)}" : "",
                Describe(figure));
        }

        return $"""
            ## Beside an earlier result

            {table}
            "(machine)": a figure that moves with the load of the machine; it does not fail the command.

            {Summarize()}
            """;
    }

    private static string FormatRatio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    private string Describe(FigureComparison figure)
    {
        var change = figure.Change switch
        {
            Change.Better => "better",
            Change.Worse => figure.IsRegression(_tolerance) ? "WORSE" : "worse",
            Change.WithinNoise => "within noise",
            _ => "too few samples",
        };
        return figure.Figure.IsComparable ? change : $"{change} (machine)";
    }

    private string Summarize() => Figures.Count == 0
        ? "The results have no figure in common."
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{Regressions.Count} of {Figures.Count} figures got worse beyond noise and by more than {100 * _tolerance:0.#} %.");
}
