using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace Runs.Api.Authorization;

/// <summary>
/// Requires a credential with a scope. The tokens of workers and event writers have none, and pass only where
/// <see cref="WorkerRunAccess"/> or <see cref="EventWriterAccess"/> allows it.
/// </summary>
internal sealed class ScopeRequirement(string scope) : AuthorizationHandler<ScopeRequirement>, IAuthorizationRequirement
{
    public string Scope => scope;

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ScopeRequirement requirement)
    {
        if (HasScope(context.User, requirement.Scope) || WorkerRunAccess.Allows(context)
            || EventWriterAccess.Allows(context))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }

    private static bool HasScope(ClaimsPrincipal user, string scope) => user.HasClaim(Caller.ScopeClaim, scope);
}
