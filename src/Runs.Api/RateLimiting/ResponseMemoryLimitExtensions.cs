namespace Runs.Api.RateLimiting;

/// <summary>Charges the responses of commands to their tenant.</summary>
internal static class ResponseMemoryLimitExtensions
{
    /// <summary>
    /// Charges a large response to the tenant's response memory. Without free memory, the request is rejected before
    /// its command is sent. The response of an executed command is never rejected.
    /// </summary>
    public static TBuilder LimitResponseMemory<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter<TBuilder, Filter>();

    private sealed class Filter(RequestLimits limits) : IEndpointFilter
    {
        public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            var caller = await Caller.BindAsync(context.HttpContext);
            if (limits.CheckResponseMemory(caller.Tenant) is { } problem)
            {
                return problem;
            }

            var response = await next(context);
            var result = response is INestedHttpResult nested ? nested.Result : response;
            if (result is IValueHttpResult { Value: IRunResponse { Run: var run } })
            {
                limits.ChargeAvailable(context.HttpContext, caller.Tenant, run);
            }

            return response;
        }
    }
}
