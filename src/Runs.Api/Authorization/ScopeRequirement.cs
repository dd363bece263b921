using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace Runs.Api.Authorization;

/// <summary>Requires a credential with a scope.</summary>
internal sealed class ScopeRequirement(string scope) : AuthorizationHandler<ScopeRequirement>, IAuthorizationRequirement
{
    public string Scope => scope;

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ScopeRequirement requirement)
    {
        if (HasScope(context.User, requirement.Scope))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }

    private static bool HasScope(ClaimsPrincipal user, string scope) => user.HasClaim(Caller.ScopeClaim, scope);
}
