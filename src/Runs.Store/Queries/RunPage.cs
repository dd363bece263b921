namespace Runs.Store;

/// <summary>One page of a list.</summary>
/// <param name="Runs">The runs, newest first.</param>
/// <param name="Next">The cursor of the next page; null on the last page.</param>
public sealed record RunPage(IReadOnlyList<Run> Runs, RunCursor? Next)
{
    /// <summary>
    /// The total length of at least those parts of the runs that can be large, in characters. It includes a run that
    /// was read and is on the next page.
    /// </summary>
    public long CharacterCount { get; init; }

    internal static RunPage From(PageBuilder<Run> page, bool hasNext) =>
        new(page.Items, hasNext ? RunCursor.After(page.Items[^1]) : null) { CharacterCount = page.CharacterCount };
}
