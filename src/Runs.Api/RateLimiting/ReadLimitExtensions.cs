namespace Runs.Api.RateLimiting;

/// <summary>Limits the concurrent reads of the process and of each tenant.</summary>
internal static class ReadLimitExtensions
{
    /// <summary>
    /// Runs the endpoint's handler under a permit of <see cref="RequestLimits.Reads"/>. The handler reads the store and
    /// creates the response. The response is written after the permit is released, so that a client that reads slowly
    /// holds none.
    /// </summary>
    public static TBuilder LimitReads<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter<TBuilder, Filter>();

    private sealed class Filter(RequestLimits limits) : IEndpointFilter
    {
        public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            var caller = await Caller.BindAsync(context.HttpContext);
            using var permit = limits.Reads.Acquire(caller.Tenant);
            return RequestLimits.ToReadProblem(permit) ?? await next(context);
        }
    }
}
