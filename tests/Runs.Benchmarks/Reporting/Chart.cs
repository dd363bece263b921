using System.Globalization;
using System.Text;
using static System.FormattableString;

namespace Runs.Benchmarks.Reporting;

/// <summary>Groups of bars as SVG, on a light ground of its own so that it can be read on any page.</summary>
internal sealed class Chart(IReadOnlyList<string> series)
{
    private const int Width = 860;
    private const int PanelHeight = 260;
    private const int Left = 70;
    private const int Top = 48;
    private const int Gap = 70;

    private static readonly string[] Colors = ["#9aa5b1", "#d9a441", "#2563a8", "#8c6bb1", "#5aa469"];

    private readonly StringBuilder _body = new();
    private int _panels;

    /// <summary>Adds a panel: for each group, a bar of each series that has one.</summary>
    public void AddPanel(string title, IReadOnlyList<(string Label, IReadOnlyList<Bar?> Bars)> groups)
    {
        var top = Top + _panels++ * (PanelHeight + Gap);
        var most = groups.SelectMany(group => group.Bars).Max(bar => bar?.Highest ?? 0);
        var step = GridStep(most);
        var scale = PanelHeight / (Math.Max(1, Math.Ceiling(most / step)) * step);
        DrawText(Left, top - 12, title, "start", "bold");
        for (var line = 0.0; line * scale <= PanelHeight + 0.5; line += step)
        {
            var y = top + PanelHeight - (line * scale);
            _body.AppendLine(Invariant($"""<line x1="{Left}" x2="{Width - 10}" y1="{y:0.0}" y2="{y:0.0}" stroke="#dde1e6"/>"""));
            DrawText(Left - 8, y + 4, line.ToString("N0", CultureInfo.InvariantCulture), "end");
        }

        var groupWidth = (Width - Left - 10.0) / groups.Count;
        var barWidth = groupWidth * 0.8 / series.Count;
        for (var group = 0; group < groups.Count; group++)
        {
            var left = Left + (group * groupWidth) + (groupWidth * 0.1);
            DrawText(left + (groupWidth * 0.4), top + PanelHeight + 18, groups[group].Label, "middle");
            for (var i = 0; i < series.Count; i++)
            {
                if (groups[group].Bars[i] is { } bar)
                {
                    DrawBar(bar, left + (i * barWidth), barWidth, top + PanelHeight, scale, Colors[i % Colors.Length]);
                }
            }
        }
    }

    public override string ToString()
    {
        var height = Top + (_panels * (PanelHeight + Gap));
        var legend = new StringBuilder();
        for (var i = 0; i < series.Count; i++)
        {
            var x = Left + (i * 130);
            legend.AppendLine(Invariant($"""<rect x="{x}" y="{height - 30}" width="12" height="12" fill="{Colors[i % Colors.Length]}"/>"""));
            legend.AppendLine(Invariant($"""<text x="{x + 18}" y="{height - 20}">{series[i]}</text>"""));
        }

        return Invariant($"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" font-family="system-ui, sans-serif" font-size="13" fill="#1f2933">
            <rect width="{Width}" height="{height}" fill="#ffffff"/>
            {_body}{legend}</svg>

            """);
    }

    private void DrawBar(Bar bar, double x, double width, double bottom, double scale, string color)
    {
        var (height, middle) = (bar.Value * scale, x + (width * 0.45));
        _body.AppendLine(Invariant($"""<rect x="{x:0.0}" y="{bottom - height:0.0}" width="{width * 0.9:0.0}" height="{height:0.0}" fill="{color}"/>"""));
        _body.AppendLine(Invariant($"""<line x1="{middle:0.0}" x2="{middle:0.0}" y1="{bottom - (bar.Lowest * scale):0.0}" y2="{bottom - (bar.Highest * scale):0.0}" stroke="#1f2933"/>"""));
        DrawText(middle, bottom - (Math.Max(bar.Highest, bar.Value) * scale) - 4, bar.Value.ToString(bar.Value < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture), "middle", size: 10);
    }

    private void DrawText(double x, double y, string text, string anchor, string weight = "normal", int size = 13) => _body.AppendLine(
        Invariant($"""<text x="{x:0.0}" y="{y:0.0}" text-anchor="{anchor}" font-weight="{weight}" font-size="{size}">{text}</text>"""));

    // Four to eight lines, at round numbers.
    private static double GridStep(double max)
    {
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(max, 1))));
        return (max / magnitude) switch { < 2 => magnitude / 4, < 5 => magnitude / 2, _ => magnitude };
    }
}
