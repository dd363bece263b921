using Runs.Store;

namespace Runs.Api.Authorization;

/// <summary>
/// Returns 404 when a caller that is restricted to projects sends a command for a run that it may not read. Reads check
/// the run that they load. Commands do not load it, so this filter reads it, for these callers only.
/// </summary>
internal static class ProjectRestrictionExtensions
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

            var path = new RunRoute((string)http.Request.RouteValues["run_id"]!);
            var run = await limits.Read(
                caller.Tenant, () => path.FindBeforeWrite(store, caller, http.RequestAborted), Problems.RunNotFound);
            return run.IsSuccess ? await next(context) : run.Problem;
        }
    }
}
