using Runs.Contracts;

namespace Runs.Worker;

/// <summary>The session of a run: what an earlier attempt saved.</summary>
internal sealed record WorkerSession
{
    public string? SessionKey { get; init; }

    public RawJson? Metadata { get; init; }
}
