namespace Runs.Client;

/// <summary>Which runs a list has.</summary>
public sealed record RunFilter
{
    /// <summary>The project, its UUID or slug; the project of the client's options when absent.</summary>
    public string? Project { get; init; }

    /// <summary>Only runs of this kind (<see cref="Contracts.RunKinds"/>); all when absent.</summary>
    public string? Kind { get; init; }

    /// <summary>Only runs that have this status now (<see cref="Contracts.RunStatuses"/>); all when absent.</summary>
    public string? Status { get; init; }

    /// <summary>The number of runs that one request reads: 1-100.</summary>
    public int PageSize { get; init; } = 50;
}
