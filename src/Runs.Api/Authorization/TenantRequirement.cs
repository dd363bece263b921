using Microsoft.AspNetCore.Authorization;

namespace Runs.Api.Authorization;

/// <summary>Requires a credential with a tenant that runs can belong to.</summary>
internal sealed class TenantRequirement : AuthorizationHandler<TenantRequirement>, IAuthorizationRequirement
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, TenantRequirement requirement)
    {
        if (Caller.HasTenant(context.User))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
