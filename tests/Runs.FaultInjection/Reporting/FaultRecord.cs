namespace Runs.FaultInjection.Reporting;

/// <summary>A fault, from its injection until it was reverted.</summary>
internal sealed record FaultRecord(string Fault, string Target, double Start, double End);
