namespace Runs.Client.Http;

/// <summary>A list without pages.</summary>
internal sealed record DataResponse<T>
{
    public required IReadOnlyList<T> Data { get; init; }
}
