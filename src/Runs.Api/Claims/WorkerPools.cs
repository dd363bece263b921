using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>The pools in which a worker looks for runs.</summary>
internal static class WorkerPools
{
    /// <summary>
    /// The pools of the worker's implementation, for any of its workers and for this one, in its project and, unless it
    /// is restricted to its project, among the runs of conversations. A worker that takes runs without a conversation
    /// also gets those of its implementation that have none, and those of its targets.
    /// </summary>
    public static IReadOnlyList<ClaimPool> Get(Worker worker, bool isHeadless) =>
    [
        .. GetImplementationPools(worker, isHeadless: false),
        .. isHeadless ? GetImplementationPools(worker, isHeadless: true) : [],
        .. isHeadless ? worker.Targets.SelectMany(target => GetTargetPools(worker, target)) : [],
    ];

    private static IEnumerable<ClaimPool> GetImplementationPools(Worker worker, bool isHeadless) =>
        from project in worker.IsRestrictedToProject ? [worker.ProjectId] : new[] { worker.ProjectId, null }
        from key in new[] { worker.WorkerKey, null }
        select ClaimPools.ForImplementation(project, worker.ImplementationKind, key, isHeadless);

    // Only a conversation or a project owns a run, and only runs of agents are owned by conversations.
    private static IEnumerable<ClaimPool> GetTargetPools(Worker worker, string target)
    {
        yield return GetTargetPool(worker.ProjectId, target);
        if (!worker.IsRestrictedToProject && target.StartsWith(TargetFormat.GetPrefix(RunKinds.Agent), StringComparison.Ordinal))
        {
            yield return GetTargetPool(null, target);
        }
    }

    private static ClaimPool GetTargetPool(string? projectId, string target) =>
        TargetFormat.GetKindOfAll(target) is { } kind ? ClaimPools.ForKind(projectId, kind) : ClaimPools.ForTarget(projectId, target);
}
