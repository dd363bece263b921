using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace Runs.Api.Security;

/// <summary>One authorization policy for each scope, under the scope's name: the credential has a tenant and the scope.</summary>
internal static class ScopeAuthorization
{
    public static void AddScopePolicies(this IServiceCollection services)
    {
        var authorization = services.AddAuthorizationBuilder();
        foreach (var scope in Scopes.All)
        {
            authorization.AddPolicy(scope, policy => policy.RequireAuthenticatedUser().AddRequirements(new TenantRequirement(), new ScopeRequirement(scope)));
        }
    }

    /// <summary>Lets credentials with <paramref name="scope"/> call the route, and nobody else.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, string scope)
        where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(scope);
}

/// <summary>The credential belongs to an account that runs can belong to.</summary>
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

/// <summary>The credential has a scope.</summary>
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

    private static bool HasScope(ClaimsPrincipal user, string wanted) => user.HasClaim(Caller.ScopeClaim, wanted);
}
