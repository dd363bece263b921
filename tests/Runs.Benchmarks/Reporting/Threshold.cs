namespace Runs.Benchmarks.Reporting;

/// <summary>A bound, and what was measured.</summary>
/// <param name="Description">What is meant.</param>
/// <param name="Measured">The figure; not a number when it was not measured.</param>
/// <param name="Limit">What it is held against.</param>
/// <param name="IsMinimum">Whether the bound is the least and not the most.</param>
internal sealed record Threshold(string Description, double Measured, double Limit, bool IsMinimum)
{
    public string Result => double.IsNaN(Measured) ? "not measured" : (IsMinimum ? Measured >= Limit : Measured <= Limit) ? "ok" : "missed";
}
