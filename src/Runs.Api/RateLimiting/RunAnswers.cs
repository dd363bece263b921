using Runs.Contracts;

namespace Runs.Api.RateLimiting;

/// <summary>The answer of a command that shows its run.</summary>
internal interface IRunAnswer
{
    /// <summary>The run, with everything that callers and executors put into it.</summary>
    RunResource Run { get; }
}

/// <summary>Charges the answers of commands to their tenant.</summary>
internal static class RunAnswers
{
    /// <summary>
    /// Charges a large answer to the tenant's memory for answers. A tenant that has none left is rejected before its command is sent. An answer of a command that was
    /// carried out is never rejected.
    /// </summary>
    public static TBuilder ChargeAnswers<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter<TBuilder, Filter>();

    private sealed class Filter(RequestLimits limits) : IEndpointFilter
    {
        public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            var caller = await Caller.BindAsync(context.HttpContext);
            if (limits.LargeAnswerProblem(caller.Tenant) is { } problem)
            {
                return problem;
            }

            var answer = await next(context);
            var result = answer is INestedHttpResult nested ? nested.Result : answer;
            if (result is IValueHttpResult { Value: IRunAnswer { Run: var run } })
            {
                limits.HoldWhatFits(context.HttpContext, caller.Tenant, run);
            }

            return answer;
        }
    }
}
