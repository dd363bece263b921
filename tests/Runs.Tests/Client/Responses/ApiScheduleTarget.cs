namespace Runs.Tests.Client;

/// <summary>The target of a schedule as the API returns it, in part.</summary>
public sealed record ApiScheduleTarget(string Kind, string Id);
