using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Runs.Store;

namespace Runs.Api.RunOperations;

/// <summary>The run that a path identifies.</summary>
internal readonly record struct RunRoute([FromRoute(Name = "run_id")][property: Description("The run's id."), RunId] string RunId)
{
    /// <summary>Gets the run's id. False when no run can have it, so that the store need not be read.</summary>
    public bool TryGetRunId(out string runId)
    {
        runId = UnescapeSlashes(RunId);
        return FieldRules.IsRunId(runId);
    }

    /// <summary>Finds the run in the caller's tenant, or null.</summary>
    public Task<Run?> Find(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        Find(store.Find, caller, cancellationToken);

    /// <summary>Finds the run in the caller's tenant, without its payload, or null.</summary>
    public Task<Run?> FindWithoutPayload(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        Find(store.FindWithoutPayload, caller, cancellationToken);

    /// <summary>
    /// As <see cref="FindWithoutPayload"/>, before a command: verifies that an absent run does not exist.
    /// </summary>
    public Task<Run?> FindBeforeWrite(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        Find(store.FindBeforeWrite, caller, cancellationToken);

    /// <summary>Unescapes slashes in a path segment: routing leaves them escaped.</summary>
    public static string UnescapeSlashes(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private async Task<Run?> Find(Func<Guid, CancellationToken, Task<Run?>> find, Caller caller, CancellationToken cancellationToken)
    {
        var run = TryGetRunId(out var runId) ? await find(RunIds.ForRun(caller.Tenant, runId), cancellationToken) : null;
        return run is { Status: not Run.CancellationPending } && caller.CanRead(run) ? run : null;
    }
}
