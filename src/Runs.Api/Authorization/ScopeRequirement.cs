using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace Runs.Api.Authorization;

/// <summary>
/// Requires a credential with a scope. The token of a worker has none, and passes only where
/// <see cref="WorkerRunAccess"/> allows it.
/// </summary>
internal sealed class ScopeRequirement(string scope) : AuthorizationHandler<ScopeRequirement>, IAuthorizationRequirement
{
    public string Scope => scope;

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ScopeRequirement requirement)
    {
        if (HasScope(context.User, requirement.Scope) || WorkerRunAccess.Allows(context))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }

    private static bool HasScope(ClaimsPrincipal user, string scope) => user.HasClaim(Caller.ScopeClaim, scope);
}
