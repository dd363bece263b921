using Microsoft.AspNetCore.Authorization;

namespace Runs.Api.Authorization;

/// <summary>Requires the token of a worker.</summary>
internal sealed class WorkerRequirement : AuthorizationHandler<WorkerRequirement>, IAuthorizationRequirement
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, WorkerRequirement requirement)
    {
        if (CallingWorker.IsWorker(context.User))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
