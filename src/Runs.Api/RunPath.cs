using Microsoft.AspNetCore.Mvc;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api;

/// <summary>The run that a path names.</summary>
internal readonly record struct RunPath([FromRoute(Name = "run_id")] string RunId)
{
    /// <summary>The run's id; false when no run can have it, so that the store need not be asked.</summary>
    public bool TryRunId(out string runId)
    {
        runId = Unescaped(RunId);
        return CreateRunRules.IsRunId(runId);
    }

    /// <summary>The run in the caller's tenant, or null.</summary>
    public Task<Run?> Find(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        TryRunId(out var runId) ? store.Find(RunKey.Of(caller.Tenant, runId), cancellationToken) : Task.FromResult<Run?>(null);

    /// <summary>A path part as the client meant it: routing leaves an escaped slash escaped.</summary>
    public static string Unescaped(string part) => part.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
