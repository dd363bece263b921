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
            authorization.AddPolicy(
                scope, policy => policy.RequireAuthenticatedUser().AddRequirements(new TenantRequirement(), new ScopeRequirement(scope)));
        }
    }

    /// <summary>Requires credentials with <paramref name="scope"/> for the route.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, string scope)
        where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(scope);
}
