using System.Globalization;
using System.Text;
using static System.FormattableString;

namespace Runs.Benchmarks.Reporting;

/// <summary>One bar: its height, and the range that its samples had.</summary>
internal readonly record struct Bar(double Value, double Lowest, double Highest);
