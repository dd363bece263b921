namespace Runs.Benchmarks.Wire;

/// <summary>The commands that a server has sent to its store within a time.</summary>
/// <param name="Counts">The commands by name; a bulk write is one command.</param>
/// <param name="Seconds">The time.</param>
internal sealed record StoreTraffic(IReadOnlyDictionary<string, long> Counts, double Seconds)
{
    public double CallsPerSecond => Counts.Values.Sum() / Seconds;

    public double WritesPerSecond =>
        Counts.Where(count => MongoMessageReader.IsWrite(count.Key)).Sum(count => count.Value) / Seconds;

    public double ReadsPerSecond => CallsPerSecond - WritesPerSecond;

    /// <summary>The commands between two states of a <see cref="CountingProxy"/>.</summary>
    public static StoreTraffic Between(
        IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after, double seconds) => new(
            after
                .Select(count => (Name: count.Key, Count: count.Value - before.GetValueOrDefault(count.Key)))
                .Where(count => count.Count > 0)
                .OrderByDescending(count => count.Count)
                .ToDictionary(count => count.Name, count => count.Count),
            seconds);

    /// <summary>How often a command was sent per second.</summary>
    public double PerSecond(string name) => Counts.GetValueOrDefault(name) / Seconds;
}
