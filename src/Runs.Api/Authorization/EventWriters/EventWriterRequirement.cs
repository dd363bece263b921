using Microsoft.AspNetCore.Authorization;

namespace Runs.Api.Authorization;

/// <summary>Requires the token of an event writer, for the run in the path.</summary>
internal sealed class EventWriterRequirement : AuthorizationHandler<EventWriterRequirement>, IAuthorizationRequirement
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, EventWriterRequirement requirement)
    {
        if (EventWriterAccess.Allows(context))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
