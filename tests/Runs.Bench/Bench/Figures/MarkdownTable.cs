using System.Globalization;
using System.Text;

namespace Runs.Bench.Bench.Figures;

/// <summary>A table in Markdown. Columns after the first few of text are numbers and stand at the right.</summary>
internal sealed class MarkdownTable(int textColumns, params string[] headings)
{
    private readonly List<string[]> _rows = [];

    public void AddRow(params string[] cells) => _rows.Add(cells);

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", headings)} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"|{string.Concat(headings.Select((_, column) => column < textColumns ? "---|" : "--:|"))}");
        foreach (var row in _rows)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |");
        }

        return text.ToString();
    }
}

/// <summary>Numbers as people read them: three digits that mean something.</summary>
internal static class NumberFormat
{
    public static string Format(double number) => number switch
    {
        double.NaN => "",
        >= 100 => number.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => number.ToString("0.0", CultureInfo.InvariantCulture),
        _ => number.ToString("0.00", CultureInfo.InvariantCulture),
    };

    public static string FormatRange(IEnumerable<double> numbers)
    {
        var all = numbers.ToList();
        return all.Count < 2 ? "" : $"{Format(all.Min())}-{Format(all.Max())}";
    }
}
