using System.Collections.Concurrent;

namespace Runs.Bench.Torture;

/// <summary>What was promised and not kept: by promise, how often, and the first few cases.</summary>
internal sealed class Violations
{
    private const int MostExamples = 5;

    private readonly ConcurrentDictionary<string, List<string>> _found = new();
    private int _count;

    public int Count => _count;

    public IEnumerable<(string Promise, IReadOnlyList<string> Cases)> All =>
        _found.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, (IReadOnlyList<string>)entry.Value));

    public int Of(string promise) => _found.TryGetValue(promise, out var cases) ? cases.Count : 0;

    public IEnumerable<string> ExamplesOf(string promise) => _found.TryGetValue(promise, out var cases) ? cases.Take(MostExamples) : [];

    public void Add(string promise, string what)
    {
        Interlocked.Increment(ref _count);
        var cases = _found.GetOrAdd(promise, _ => []);
        lock (cases)
        {
            cases.Add(what);
        }
    }
}

/// <summary>What is promised, in the words of the verdict.</summary>
internal static class Promises
{
    public const string NoneLost = "what was answered or confirmed exists";
    public const string NoneDoubled = "one run per id";
    public const string CreatedOnce = "one creation per id is told";
    public const string Transitions = "a status moves along the life of a run only";
    public const string FirstOutcome = "the first outcome stands, and callers are told whose it is";
    public const string Roots = "root_run_id is the root of the tree";
    public const string Cascade = "what was below a cancelled run has ended";
    public const string EventIds = "event ids and external sequences have no gap and no repeat";
    public const string Appends = "an append that was answered is in the log once";
    public const string Ends = "the log ends if and only if the run has";
    public const string Times = "times never go backwards";
    public const string Told = "every fact is told, under one message id";
    public const string Deadlines = "every call is answered by its deadline and two seconds";
    public const string Answers = "answers are those that the API describes";
    public const string Reads = "a read sees what was answered before it";
    public const string Recovery = "the first 202 comes within ten seconds of the last fault";
    public const string NoHelp = "no restart by hand, and every caller is served in the end";
    public const string Settled = "outboxes and recent events are empty in the end";
    public const string Queues = "error and dead-letter queues hold what cannot be right, and nothing else";
    public const string Scenario = "the scenario's own";

    public static IReadOnlyList<string> All { get; } =
    [
        NoneLost, NoneDoubled, CreatedOnce, Transitions, FirstOutcome, Roots, Cascade, EventIds, Appends, Ends, Times, Told, Deadlines, Answers, Reads, Recovery,
        NoHelp, Settled, Queues, Scenario,
    ];
}
