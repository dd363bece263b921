namespace Runs.Store;

/// <summary>
/// The pools in which workers look for runs. A run that is ready is in the pool of the worker implementation that it
/// names, or else in the pool of its target and in that of its kind. A pool belongs to a project. The
/// pools of conversations' runs, whose project is not known here, have <c>-</c> in its place.
/// </summary>
public static class ClaimPools
{
    private const string NoProject = "-";

    /// <summary>
    /// The pool of <paramref name="run"/>: <c>7d0f…/task:rebuild-index</c>, or <c>7d0f…/impl:python</c> and the key of
    /// the one worker that may execute it, followed by <c>#headless</c> when it has no conversation. Null for a run
    /// without a target.
    /// </summary>
    public static string? GetPool(Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.ImplementationKind is not { } implementation)
        {
            return run.Target is { } target ? $"{GetProject(run)}/{target}" : null;
        }

        var worker = run.WorkerKey is { } key ? $"/{key}" : "";
        return $"{GetProject(run)}/impl:{implementation}{worker}{(run.ConversationId is null ? "#headless" : "")}";
    }

    /// <summary>
    /// The pool of all targets of the run's kind: <c>7d0f…/task:*</c>. Null for a run that names a worker
    /// implementation.
    /// </summary>
    public static string? GetKindPool(Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.ImplementationKind is null && run.Target is not null ? $"{GetProject(run)}/{run.Kind}:*" : null;
    }

    private static string GetProject(Run run) => run.ProjectId ?? NoProject;
}
