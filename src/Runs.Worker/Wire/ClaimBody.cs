namespace Runs.Worker;

/// <summary>The body of a claim.</summary>
internal sealed record ClaimBody(int LeaseDurationSeconds, int WaitSeconds, int MaxRuns, string InstanceId)
{
    /// <summary>Writes must name the attempt.</summary>
    public bool Fenced { get; } = true;

    /// <summary>Runs without a conversation, too.</summary>
    public bool Headless { get; } = true;
}
