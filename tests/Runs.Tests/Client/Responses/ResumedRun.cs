namespace Runs.Tests.Client;

/// <summary>The response to a resume.</summary>
public sealed record ResumedRun(bool Accepted, bool Duplicate);
