namespace Runs.Api.RunOperations;

/// <summary>One page of a list.</summary>
/// <param name="Data">The items. Events are oldest first, all other items newest first.</param>
/// <param name="PageInfo">The cursors of the neighbouring pages.</param>
public sealed record PageResource<T>(IReadOnlyList<T> Data, PageInfoResource PageInfo);
