using System.Globalization;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Statistics;
using ScottPlot;
using ScottPlot.Plottables;
using SkiaSharp;

namespace Runs.Benchmarks.Reporting;

/// <summary>
/// Draws the creates per second and the latencies of all subjects as groups of bars, one group for each number of
/// callers.
/// </summary>
internal static class CreatesChart
{
    private const int Width = 860;
    private const int PlotHeight = 350;
    private const string FontName = "DejaVu Sans";

    private static readonly string[] SubjectColors = ["#9aa5b1", "#d9a441", "#2563a8", "#8c6bb1", "#5aa469"];

    /// <returns>An SVG document.</returns>
    public static byte[] Draw(BenchmarkResults results)
    {
        (string Title, Func<Sample, double> Metric)[] plots =
        [
            ("creates per second", SampleMetrics.PerSecond),
            ("p50, ms", SampleMetrics.P50),
            ("p99, ms", SampleMetrics.P99),
        ];
        var multiplot = new Multiplot();
        multiplot.AddPlots(plots.Length);
        foreach (var (index, (title, metric)) in plots.Index())
        {
            DrawPlot(multiplot.GetPlot(index), title, results, metric);
        }

        multiplot.GetPlot(plots.Length - 1).ShowLegend(Edge.Bottom);
        return Render(multiplot, PlotHeight * plots.Length);
    }

    private static void DrawPlot(Plot plot, string title, BenchmarkResults results, Func<Sample, double> metric)
    {
        foreach (var (index, subject) in results.CreateSubjects.Index())
        {
            AddBars(plot, results, subject, index, metric);
        }

        plot.Font.Set(FontName);
        plot.Title(title, size: 14);
        plot.HideLegend();
        plot.Axes.Margins(bottom: 0, top: 0.15);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.Axes.Left.MinorTickStyle.Length = 0;
        plot.Grid.XAxisStyle.IsVisible = false;
        var groupWidth = results.CreateSubjects.Count + 1;
        plot.Axes.Bottom.SetTicks(
            [.. results.CreateCallers.Select((_, group) => (group * groupWidth) + ((results.CreateSubjects.Count - 1) / 2.0))],
            [.. results.CreateCallers.Select(callers => $"{callers} caller{(callers == 1 ? "" : "s")}")]);
    }

    // The bar is the median of the rounds; the error bar is their range.
    private static void AddBars(Plot plot, BenchmarkResults results, string subject, int index, Func<Sample, double> metric)
    {
        var (bars, below, above) = (new List<Bar>(), new List<double>(), new List<double>());
        foreach (var (group, callers) in results.CreateCallers.Index())
        {
            var values = results.Creates.Find(BenchmarkResults.CreateKey(subject, callers)).Select(metric).Where(double.IsFinite).ToList();
            if (values.Count == 0)
            {
                continue;
            }

            var median = values.Median();
            bars.Add(new Bar
            {
                Position = (group * (results.CreateSubjects.Count + 1)) + index,
                Value = median,
                Size = 0.85,
                FillColor = Color.FromHex(SubjectColors[index % SubjectColors.Length]),
                LineWidth = 0,
                Label = median.ToString(median < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture),
            });
            below.Add(median - values.Min());
            above.Add(values.Max() - median);
        }

        var series = plot.Add.Bars(bars);
        series.LegendText = subject;
        series.ValueLabelStyle.FontName = FontName;
        series.ValueLabelStyle.FontSize = 10;
        plot.Add.Plottable(new ErrorBar(
            [.. bars.Select(bar => bar.Position)],
            [.. bars.Select(bar => bar.Value)],
            xErrorsNegative: null,
            xErrorsPositive: null,
            yErrorsNegative: below,
            yErrorsPositive: above));
    }

    private static byte[] Render(Multiplot multiplot, int height)
    {
        using var svg = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(new SKRect(0, 0, Width, height), svg))
        {
            multiplot.Render(canvas, new PixelRect(left: 0, right: Width, bottom: height, top: 0));
        }

        return svg.ToArray();
    }
}
