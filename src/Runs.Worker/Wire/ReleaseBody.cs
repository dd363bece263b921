namespace Runs.Worker;

/// <summary>The body of a release.</summary>
internal sealed record ReleaseBody(int Attempt, string Reason);
