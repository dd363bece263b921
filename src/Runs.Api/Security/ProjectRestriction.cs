using Runs.Api.RateLimiting;
using Runs.Store;

namespace Runs.Api.Security;

/// <summary>
/// Answers 404 to a command of a caller with projects on a run that the caller may not see. Reads check the run that they read anyway; commands do not read it, so for these
/// callers alone it is read here.
/// </summary>
internal static class ProjectRestriction
{
    public static TBuilder RestrictToProjects<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter<TBuilder, Filter>();

    private sealed class Filter(IRunStore store, RequestLimits limits) : IEndpointFilter
    {
        public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            var http = context.HttpContext;
            var caller = await Caller.BindAsync(http);
            if (caller.Projects is null)
            {
                return await next(context);
            }

            var path = new RunPath((string)http.Request.RouteValues["run_id"]!);
            var (run, problem) = await limits.Read(caller.Tenant, () => path.FindBeforeWrite(store, caller, http.RequestAborted));
            return problem ?? (run is null ? Problems.RunNotFound() : await next(context));
        }
    }
}
