namespace Runs.Samples.Worker;

/// <summary>The checkpoint of a report.</summary>
/// <param name="Pages">The number of pages that are written.</param>
internal sealed record ReportProgress(int Pages);
