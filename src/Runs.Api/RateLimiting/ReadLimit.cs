namespace Runs.Api.RateLimiting;

/// <summary>Limits how many reads a process and each tenant have under way.</summary>
internal static class ReadLimit
{
    /// <summary>
    /// Runs the endpoint's handler under a permit of <see cref="RequestLimits.Reads"/>. The handler reads the store and makes the answer; the answer is written later, so that
    /// a client that reads slowly holds no permit.
    /// </summary>
    public static TBuilder LimitReads<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter<TBuilder, Filter>();

    private sealed class Filter(RequestLimits limits) : IEndpointFilter
    {
        public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            var caller = await Caller.BindAsync(context.HttpContext);
            var (answer, problem) = await limits.Read(caller.Tenant, () => next(context).AsTask());
            return problem ?? answer;
        }
    }
}
