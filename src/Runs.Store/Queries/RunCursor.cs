namespace Runs.Store;

/// <summary>A position between two runs of a list.</summary>
/// <param name="CreatedAt">The creation time of the last run before the cursor.</param>
/// <param name="Id">The id of the last run before the cursor; the tiebreaker for equal times.</param>
public readonly record struct RunCursor(DateTimeOffset CreatedAt, Guid Id)
{
    /// <summary>Returns the cursor directly after <paramref name="run"/>.</summary>
    public static RunCursor After(Run run) => new(run.CreatedAt, run.Id);
}
