namespace Runs.Benchmarks.Subjects;

/// <summary>
/// The ready runs that the last read has found. All callers share them, and each run is given to one caller: there is
/// only one process.
/// </summary>
/// <param name="listReady">Returns ready runs in the order in which they are to be claimed, up to a number.</param>
internal sealed class BaselineCandidates(Func<int, Task<List<string>>> listReady)
{
    // More than the callers have under way: the runs that a read finds again do not fill its page.
    private const int PageSize = 256;

    private readonly SemaphoreSlim _lock = new(1);
    private readonly Queue<string> _found = new();
    private readonly HashSet<string> _given = [];

    /// <summary>Returns a run that no other caller gets; null when the store has none.</summary>
    public async Task<string?> Take()
    {
        await _lock.WaitAsync();
        try
        {
            if (_found.Count == 0)
            {
                var page = await listReady(PageSize);
                foreach (var runId in page.Where(_given.Add))
                {
                    _found.Enqueue(runId);
                }

                _given.IntersectWith(page);
            }

            return _found.TryDequeue(out var next) ? next : null;
        }
        finally
        {
            _lock.Release();
        }
    }
}
