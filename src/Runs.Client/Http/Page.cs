namespace Runs.Client.Http;

/// <summary>One page of a list.</summary>
internal sealed record Page<T>
{
    public required IReadOnlyList<T> Data { get; init; }

    public PageInfo? PageInfo { get; init; }
}
