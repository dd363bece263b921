using Runs.Store;

namespace Runs.Api.Authorization;

/// <summary>What workers may do with their token.</summary>
internal static class WorkerAuthorizationExtensions
{
    /// <summary>The policy of routes that require the token of a worker.</summary>
    public const string Policy = "worker";

    public static void AddWorkerPolicy(this IServiceCollection services) => services.AddAuthorizationBuilder().AddPolicy(
        Policy, policy => policy.RequireAuthenticatedUser().AddRequirements(new TenantRequirement(), new WorkerRequirement()));

    /// <summary>
    /// Requires the token of the worker in the path. The token of another worker gets 403, or 404 when the worker in
    /// the path belongs to another tenant.
    /// </summary>
    public static TBuilder RequireWorker<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(Policy).WithMetadata(new WorkerIdParameter()).AddEndpointFilter<TBuilder, OwnWorkerFilter>();

    /// <summary>
    /// Lets workers call the route with their token, in addition to credentials with the scope. If the path has a
    /// {run_id}, its run is read and checked; otherwise the handler calls <see cref="WorkerRunAccess.Authorize"/>.
    /// </summary>
    public static TBuilder AllowWorkers<TBuilder>(this TBuilder builder, WorkerRunAccess access)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(access).AddEndpointFilter<TBuilder, RunFilter>();

    private sealed class OwnWorkerFilter(WorkerCache workers) : IEndpointFilter
    {
        public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            var http = context.HttpContext;
            var caller = await Caller.BindAsync(http);
            if (!new WorkerRoute((string)http.Request.RouteValues["worker_id"]!).TryGetId(out var id))
            {
                return Problems.WorkerNotFound();
            }

            if (id == caller.Worker?.Id)
            {
                return await next(context);
            }

            return (await workers.Find(id))?.Tenant == caller.Tenant ? Problems.WorkerForbidden() : Problems.WorkerNotFound();
        }
    }

    private sealed class RunFilter(IRunStore store, RequestLimits limits) : IEndpointFilter
    {
        public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            var http = context.HttpContext;
            var caller = await Caller.BindAsync(http);
            if (caller.Worker is null || http.Request.RouteValues["run_id"] is not string runId)
            {
                return await next(context);
            }

            var route = new RunRoute(runId);
            var run = await limits.Read(
                caller.Tenant, () => route.FindBeforeWrite(store, caller, http.RequestAborted), Problems.RunNotFound);
            if (!run.IsSuccess)
            {
                return run.Problem;
            }

            var access = http.GetEndpoint()!.Metadata.GetRequiredMetadata<WorkerRunAccess>();
            var authorized = access.Authorize(caller, run.Value);
            if (!authorized.IsSuccess)
            {
                return authorized.Problem;
            }

            // The handler's argument was bound before the attempts were known.
            for (var i = 0; i < context.Arguments.Count; i++)
            {
                context.Arguments[i] = context.Arguments[i] is Caller ? authorized.Value : context.Arguments[i];
            }

            return await next(context);
        }
    }
}
