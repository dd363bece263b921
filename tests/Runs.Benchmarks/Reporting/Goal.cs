namespace Runs.Benchmarks.Reporting;

/// <summary>A limit and the measured value.</summary>
/// <param name="Description">The metric.</param>
/// <param name="Measured">The value; NaN when it was not measured.</param>
/// <param name="Limit">The limit.</param>
/// <param name="IsMinimum">Whether the value must reach the limit; otherwise it must not exceed it.</param>
internal sealed record Goal(string Description, double Measured, double Limit, bool IsMinimum)
{
    public static Goal AtLeast(string description, double measured, double limit) =>
        new(description, measured, limit, IsMinimum: true);

    public static Goal AtMost(string description, double measured, double limit) =>
        new(description, measured, limit, IsMinimum: false);

    public string Result => double.IsNaN(Measured) ? "not measured" : IsMet ? "ok" : "missed";

    private bool IsMet => IsMinimum ? Measured >= Limit : Measured <= Limit;
}
