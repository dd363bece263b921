namespace Runs.Worker;

/// <summary>The response to a checkpoint.</summary>
internal sealed record SessionResponse
{
    public WorkerSession? Session { get; init; }
}
