using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>An input request and its run.</summary>
internal sealed record RunInputRequest(Run Run, InputRequest Request)
{
    /// <summary>Finds a request of the run, or null.</summary>
    public static RunInputRequest? Find(Run run, Guid id) =>
        run.InputRequests.Find(request => request.Id == id) is { } request ? new RunInputRequest(run, request) : null;

    /// <summary>
    /// Reads the request that the acknowledged command opened, or that its tool call had already. Costs one
    /// linearizable read of the run.
    /// </summary>
    public static async Task<RunInputRequest> FindAfterWrite(IRunStore store, WaitRun command, CancellationToken cancellationToken)
    {
        var run = await store.FindAfterWrite(RunIds.ForRun(command.Tenant, command.RunId), cancellationToken);
        return new RunInputRequest(run, run.InputRequests.Last(request => request.ToolCallId == command.ToolCallId));
    }
}
