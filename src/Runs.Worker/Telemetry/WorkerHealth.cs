namespace Runs.Worker;

/// <summary>What the health check of a worker reports.</summary>
internal sealed class WorkerHealth(string name, HeldAttempts attempts, TimeProvider clock)
{
    private long _answeredAt = clock.GetTimestamp();

    public string Name { get; } = name;

    /// <summary>The runs whose handlers ignore their token.</summary>
    public IReadOnlyList<string> StuckRuns => [.. attempts.All.Where(attempt => attempt.IsStuck).Select(attempt => attempt.RunId)];

    /// <summary>The time since the server last answered a claim or a heartbeat.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(Interlocked.Read(ref _answeredAt));

    public void ServerAnswered() => Interlocked.Exchange(ref _answeredAt, clock.GetTimestamp());
}
