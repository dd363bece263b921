namespace Runs.Benchmarks.Commands;

/// <summary>
/// A table on standard output whose rows appear as they are measured. Columns of text are aligned to the left.
/// </summary>
internal sealed class ConsoleTable(params (string Heading, int Width)[] columns)
{
    /// <summary>The number of columns from the left that are text.</summary>
    public int TextColumns { get; init; }

    public void WriteHeader()
    {
        WriteRow([.. columns.Select(column => column.Heading)]);
        Console.Out.WriteLine($"|{string.Join('|', columns.Select(column => new string('-', column.Width + 2)))}|");
    }

    public void WriteRow(params string[] cells) =>
        Console.Out.WriteLine($"| {string.Join(" | ", cells.Select(Align))} |");

    private string Align(string cell, int column) =>
        column < TextColumns ? cell.PadRight(columns[column].Width) : cell.PadLeft(columns[column].Width);
}
