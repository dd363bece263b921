using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace Runs.Api.Authorization;

/// <summary>
/// Adds one authorization policy for each scope, named after it: the credential must have a tenant and the scope.
/// </summary>
internal static class ScopeAuthorizationExtensions
{
    public static void AddScopePolicies(this IServiceCollection services)
    {
        var authorization = services.AddAuthorizationBuilder();
        foreach (var scope in Scopes.All)
        {
            authorization.AddPolicy(scope, policy => policy.RequireAuthenticatedUser().AddRequirements(new TenantRequirement(), new ScopeRequirement(scope)));
        }
    }

    /// <summary>Requires credentials with <paramref name="scope"/> for the route.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, string scope)
        where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(scope);
}

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
