namespace Runs.Tests.Client;

/// <summary>The cursors of a page.</summary>
public sealed record ApiPageInfo(string? Self, string? First, string? Next, string? Prev);
