namespace Runs.Tests.Client;

/// <summary>One page of a list.</summary>
public sealed record ApiPage<T>(IReadOnlyList<T> Data, ApiPageInfo PageInfo);
