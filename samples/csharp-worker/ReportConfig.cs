namespace Runs.Samples.Worker;

/// <summary>The config of a run of <c>task:quarterly-report</c>.</summary>
/// <param name="Quarter">The quarter, such as <c>2026-Q3</c>.</param>
/// <param name="Pages">The number of pages, 1-1000. Each takes a second.</param>
internal sealed record ReportConfig(string? Quarter, int Pages = 10);
