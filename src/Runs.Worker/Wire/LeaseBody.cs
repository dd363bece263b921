namespace Runs.Worker;

/// <summary>The body of a renewal of one lease.</summary>
internal sealed record LeaseBody(int LeaseDurationSeconds, int Attempt);
