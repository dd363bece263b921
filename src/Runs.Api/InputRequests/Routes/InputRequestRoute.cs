using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>The run and its input request that a path identifies.</summary>
internal readonly record struct InputRequestRoute(
    [FromRoute(Name = "run_id")][property: Description("The run's id."), RunId] string RunId,
    [FromRoute(Name = "input_request_id")][property: Description("The input request's id."), Uuid] string InputRequestId)
{
    private RunRoute Run => new(RunId);

    /// <summary>
    /// Finds the request and its run in the caller's tenant. Returns the problem when one of them does not exist.
    /// </summary>
    public async Task<Result<RunInputRequest>> Find(IRunStore store, Caller caller, CancellationToken cancellationToken)
    {
        if (await Run.FindWithoutPayload(store, caller, cancellationToken) is not { } run)
        {
            return Problems.RunNotFound();
        }

        return FindIn(run) is { } found ? found : Problems.InputRequestNotFound();
    }

    /// <summary>
    /// As <see cref="Find"/>, before a command: verifies that an absent run or request does not exist.
    /// </summary>
    public async Task<Result<RunInputRequest>> FindBeforeWrite(
        IRunStore store, RequestLimits limits, Caller caller, CancellationToken cancellationToken)
    {
        var route = this;
        var run = await limits.Read(
            caller.Tenant, () => route.Run.FindBeforeWrite(store, caller, cancellationToken), Problems.RunNotFound);
        if (!run.IsSuccess)
        {
            return run.Problem;
        }

        // For some seconds after a MongoDB failover, the run that was read may be older than its last input request.
        return FindIn(run.Value) is { } found ? found : await limits.Read(
            caller.Tenant,
            async () => await store.FindLinearizable(run.Value.Id, cancellationToken) is { } latest ? route.FindIn(latest) : null,
            Problems.InputRequestNotFound);
    }

    private RunInputRequest? FindIn(Run run) =>
        FieldRules.IsUuid(InputRequestId) ? RunInputRequest.Find(run, Guid.Parse(InputRequestId)) : null;
}
