namespace Runs.FaultInjection.Storage;

internal static class StoredRunExtensions
{
    /// <summary>The runs by their ids; of duplicates, which are a violation, the first one.</summary>
    public static Dictionary<string, StoredRun> ToRunsById(this IEnumerable<StoredRun> runs) =>
        runs.GroupBy(run => run.Id).ToDictionary(same => same.Key, same => same.First());
}
