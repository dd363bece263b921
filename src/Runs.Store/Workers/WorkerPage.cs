namespace Runs.Store;

/// <summary>One page of a list of workers.</summary>
/// <param name="Workers">The workers, newest first.</param>
/// <param name="Next">The cursor of the next page; null on the last page.</param>
public sealed record WorkerPage(IReadOnlyList<Worker> Workers, RunCursor? Next)
{
    /// <summary>The total length of the workers' metadata and targets, in characters.</summary>
    public long CharacterCount { get; init; }

    internal static WorkerPage From(PageBuilder<Worker> page, bool hasNext) =>
        new(page.Items, hasNext ? new RunCursor(page.Items[^1].CreatedAt, page.Items[^1].Id) : null)
        {
            CharacterCount = page.CharacterCount,
        };

    /// <summary>The length of the parts of a worker that can be large, in characters.</summary>
    public static long CountCharacters(Worker worker) =>
        (worker.Metadata?.Text?.Length ?? 0) + worker.Targets.Sum(target => (long)target.Length);
}
