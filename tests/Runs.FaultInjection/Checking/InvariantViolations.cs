using System.Collections.Concurrent;

namespace Runs.FaultInjection.Checking;

/// <summary>What was promised and not kept: by promise, how often, and the first few cases.</summary>
internal sealed class InvariantViolations
{
    private const int MaxExamples = 5;

    private readonly ConcurrentDictionary<string, List<string>> _byInvariant = new();
    private int _count;

    public int Count => _count;

    public IEnumerable<(string Promise, IReadOnlyList<string> Cases)> All =>
        _byInvariant.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, (IReadOnlyList<string>)entry.Value));

    public int CountFor(string invariant) => _byInvariant.TryGetValue(invariant, out var cases) ? cases.Count : 0;

    public IEnumerable<string> ExamplesFor(string invariant) => _byInvariant.TryGetValue(invariant, out var cases) ? cases.Take(MaxExamples) : [];

    public void Add(string invariant, string description)
    {
        Interlocked.Increment(ref _count);
        var cases = _byInvariant.GetOrAdd(invariant, _ => []);
        lock (cases)
        {
            cases.Add(description);
        }
    }
}
