namespace Runs.Worker;

/// <summary>The response to a release.</summary>
internal sealed record ReleaseResponse
{
    public required bool Released { get; init; }
}
