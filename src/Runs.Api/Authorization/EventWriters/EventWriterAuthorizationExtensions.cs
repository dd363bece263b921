namespace Runs.Api.Authorization;

/// <summary>What event writers may do with their token.</summary>
internal static class EventWriterAuthorizationExtensions
{
    /// <summary>The policy of routes that require the token of an event writer.</summary>
    public const string Policy = "eventWriter";

    public static void AddEventWriterPolicy(this IServiceCollection services) => services.AddAuthorizationBuilder().AddPolicy(
        Policy, policy => policy.RequireAuthenticatedUser().AddRequirements(new TenantRequirement(), new EventWriterRequirement()));

    /// <summary>Requires the token of an event writer, for the run in the path.</summary>
    public static TBuilder RequireEventWriter<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(Policy).WithMetadata(EventWriterAccess.OwnRun);

    /// <summary>
    /// Lets event writers call the route with their token, for the run in the path, in addition to credentials with the
    /// scope.
    /// </summary>
    public static TBuilder AllowEventWriters<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(EventWriterAccess.OwnRun);
}
