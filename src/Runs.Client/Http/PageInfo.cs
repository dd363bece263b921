namespace Runs.Client.Http;

/// <summary>Where a page is in its list.</summary>
internal sealed record PageInfo
{
    /// <summary>The cursor of the next page, or null for the last one.</summary>
    public string? Next { get; init; }
}
