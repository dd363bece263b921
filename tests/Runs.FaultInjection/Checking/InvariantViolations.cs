using System.Collections.Concurrent;

namespace Runs.FaultInjection.Checking;

/// <summary>The violations by invariant. Thread-safe.</summary>
internal sealed class InvariantViolations
{
    private const int MaxExamples = 5;

    private readonly ConcurrentDictionary<string, List<string>> _byInvariant = new();
    private int _count;

    public int Count => _count;

    public IEnumerable<(string Invariant, IReadOnlyList<string> Descriptions)> All => _byInvariant
        .OrderBy(entry => entry.Key, StringComparer.Ordinal)
        .Select(entry => (entry.Key, (IReadOnlyList<string>)entry.Value));

    public int CountFor(string invariant) => _byInvariant.TryGetValue(invariant, out var descriptions) ? descriptions.Count : 0;

    public IEnumerable<string> ExamplesFor(string invariant) =>
        _byInvariant.TryGetValue(invariant, out var descriptions) ? descriptions.Take(MaxExamples) : [];

    public void Add(string invariant, string description)
    {
        Interlocked.Increment(ref _count);
        var descriptions = _byInvariant.GetOrAdd(invariant, _ => []);
        lock (descriptions)
        {
            descriptions.Add(description);
        }
    }
}
