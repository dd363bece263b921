namespace Runs.Benchmarks.Statistics;

/// <summary>A range of numbers with its ends.</summary>
internal readonly record struct Interval(double Low, double High);
