namespace Runs.Api.RunOperations;

/// <summary>Opaque cursors, to send as <c>?cursor=</c>. Every member is always present.</summary>
public sealed record PageInfoResource
{
    /// <summary>This page's cursor; null for the first page.</summary>
    public string? Self { get; init; }

    /// <summary>Always null: the first page has no cursor.</summary>
    [AlwaysNull]
    public string? First { get; init; }

    /// <summary>The next page's cursor; null on the last page.</summary>
    public string? Next { get; init; }

    /// <summary>Always null: lists are read forward.</summary>
    [AlwaysNull]
    public string? Prev { get; init; }
}
