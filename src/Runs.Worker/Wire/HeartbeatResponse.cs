namespace Runs.Worker;

/// <summary>The response to a heartbeat.</summary>
internal sealed record HeartbeatResponse
{
    /// <summary>A credential that replaces the current one, or null.</summary>
    public string? Token { get; init; }

    public IReadOnlyList<RunLease> Runs { get; init; } = [];
}
