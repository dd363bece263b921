namespace Runs.Tests.Observability;

/// <summary>One measurement.</summary>
internal sealed record Measured(string Instrument, double Value, string Attributes, IReadOnlyList<string> AttributeNames);
