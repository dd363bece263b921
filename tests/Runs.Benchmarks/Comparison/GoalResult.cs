namespace Runs.Benchmarks.Comparison;

/// <summary>A goal as it is stored with a result.</summary>
/// <param name="Description">The metric.</param>
/// <param name="Measured">The value; null when it was not measured.</param>
/// <param name="Limit">The limit.</param>
/// <param name="Result"><c>ok</c>, <c>missed</c> or <c>not measured</c>.</param>
internal sealed record GoalResult(string Description, double? Measured, double Limit, string Result);
