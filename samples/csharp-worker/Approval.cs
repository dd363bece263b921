namespace Runs.Samples.Worker;

/// <summary>The answer of the person who approves a report.</summary>
/// <param name="Publish">Whether the report is published.</param>
internal sealed record Approval(bool Publish);
