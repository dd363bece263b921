using System.Globalization;
using System.Text;

namespace Runs.Benchmarks.Reporting;

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
