using Runs.Contracts;

namespace Runs.Worker;

/// <summary>The handlers and the middleware of a worker.</summary>
internal sealed class HandlerTable
{
    /// <summary>The key of the handler of agent runs of the worker's implementation.</summary>
    public const string Agents = "implementation";

    private readonly Dictionary<string, HandlerRegistration> _handlers = [];
    private readonly List<Func<RunContext, RunDelegate, CancellationToken, Task<RunResult>>> _middleware = [];

    /// <summary>Why the table cannot be used; empty when it can.</summary>
    public List<string> Errors { get; } = [];

    public bool IsEmpty => _handlers.Count == 0;

    /// <summary>The targets that the worker claims, besides the agent runs of its implementation.</summary>
    public IReadOnlyList<string> Targets => [.. _handlers.Keys.Where(target => target != Agents).Order(StringComparer.Ordinal)];

    public void Add(HandlerRegistration handler)
    {
        if (handler.Target != Agents && !IsTarget(handler.Target))
        {
            Errors.Add($"\"{handler.Target}\" is not a target: write kind:id, such as task:report, or kind:* for all ids of a kind.");
        }
        else if (!_handlers.TryAdd(handler.Target, handler))
        {
            Errors.Add($"The target {handler.Target} has two handlers.");
        }
    }

    public void Use(Func<RunContext, RunDelegate, CancellationToken, Task<RunResult>> middleware) => _middleware.Add(middleware);

    /// <summary>
    /// Returns the handler of a run, or null: the one of its target, of its implementation, or of its kind.
    /// </summary>
    public HandlerRegistration? Find(ClaimedRun run)
    {
        var target = run.Target ?? (run.AgentId is null ? "" : $"{RunKinds.Agent}:{run.AgentId}");
        return _handlers.GetValueOrDefault(target)
            ?? (run.Kind == RunKinds.Agent ? _handlers.GetValueOrDefault(Agents) : null)
            ?? _handlers.GetValueOrDefault($"{run.Kind}:*");
    }

    /// <summary>Returns the handler inside the middleware; the one that was added first is outermost.</summary>
    public RunDelegate Build(HandlerRegistration handler) => Enumerable.Reverse(_middleware).Aggregate<
        Func<RunContext, RunDelegate, CancellationToken, Task<RunResult>>, RunDelegate>(
            new RunDelegate(handler.Handle), (next, middleware) => (run, stop) => middleware(run, next, stop));

    private static bool IsTarget(string target) =>
        target.Split(':', 2) is [var kind, { Length: > 0 }] && RunKinds.All.Contains(kind, StringComparer.Ordinal);
}
