using System.Globalization;
using System.Text;

namespace Runs.Benchmarks.Reporting;

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
