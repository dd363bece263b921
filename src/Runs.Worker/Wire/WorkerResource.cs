namespace Runs.Worker;

/// <summary>A registered worker.</summary>
internal sealed record WorkerResource
{
    public required string Id { get; init; }
}
