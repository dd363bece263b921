namespace Runs.Store;

/// <summary>
/// The pools in which workers look for runs. A run that is ready is in the pool of the worker implementation that it
/// names, or else in the pool of its target and in that of its kind. A pool belongs to a project. The
/// pools of conversations' runs, whose project is not known here, have <c>-</c> in its place.
/// </summary>
public static class ClaimPools
{
    private const string NoProject = "-";
    private const string ImplementationPrefix = "impl:";

    /// <summary>
    /// The pool of <paramref name="run"/>: <c>7d0f…/task:rebuild-index</c>, or <c>7d0f…/impl:python</c> and the key of
    /// the one worker that may execute it, followed by <c>#headless</c> when it has no conversation.
    /// Null for a run without a target.
    /// </summary>
    public static string? GetPool(Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.ImplementationKind is { } implementation
            ? ForImplementation(run.ProjectId, implementation, run.WorkerKey, isHeadless: run.ConversationId is null).Name
            : run.Target is { } target ? ForTarget(run.ProjectId, target).Name : null;
    }

    /// <summary>
    /// The pool of all targets of the run's kind: <c>7d0f…/task:*</c>. Null for a run that names a worker
    /// implementation.
    /// </summary>
    public static string? GetKindPool(Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.ImplementationKind is null && run.Target is not null ? ForKind(run.ProjectId, run.Kind).Name : null;
    }

    /// <summary>
    /// The pool of the kind of a run that is in <paramref name="pool"/>, as <see cref="GetKindPool(Run)"/>; null for
    /// the pool of an implementation.
    /// </summary>
    public static ClaimPool? GetKindPool(string pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var separator = pool.IndexOf('/', StringComparison.Ordinal); // neither in a project nor in "-"
        var end = pool.IndexOf(':', separator + 1);
        var prefix = pool[(separator + 1)..(end + 1)];
        return prefix == ImplementationPrefix ? null : new ClaimPool($"{pool[..(end + 1)]}*", IsOfKind: true);
    }

    /// <summary>The pool of one target.</summary>
    /// <param name="projectId">The project; null for runs of conversations.</param>
    /// <param name="target">The target, as <c>kind:id</c>.</param>
    public static ClaimPool ForTarget(string? projectId, string target) => new($"{GetProject(projectId)}/{target}");

    /// <summary>The pool of all targets of a kind.</summary>
    /// <param name="projectId">The project; null for runs of conversations.</param>
    /// <param name="kind">One of <see cref="Contracts.RunKinds"/>.</param>
    public static ClaimPool ForKind(string? projectId, string kind) => new($"{GetProject(projectId)}/{kind}:*", IsOfKind: true);

    /// <summary>The pool of a worker implementation.</summary>
    /// <param name="projectId">The project; null for runs of conversations.</param>
    /// <param name="implementation">The run's <see cref="Run.ImplementationKind"/>.</param>
    /// <param name="workerKey">The one worker that may execute the runs; null if any worker may.</param>
    /// <param name="isHeadless">Whether the runs have no conversation.</param>
    public static ClaimPool ForImplementation(string? projectId, string implementation, string? workerKey, bool isHeadless)
    {
        var worker = workerKey is null ? "" : $"/{workerKey}";
        return new ClaimPool($"{GetProject(projectId)}/{ImplementationPrefix}{implementation}{worker}{(isHeadless ? "#headless" : "")}");
    }

    private static string GetProject(string? projectId) => projectId ?? NoProject;
}
