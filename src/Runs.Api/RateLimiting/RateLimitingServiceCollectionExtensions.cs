using System.Security.Claims;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Runs.Api.RateLimiting;

/// <summary>
/// Limits each tenant to its share of the process. The checks of a request, in this order: the process's command limit,
/// before authentication; authentication; the tenant's rate; the tenant's share of concurrent work, before the body is
/// read; the memory for the body; and the permit, which is acquired after the body has arrived.
/// </summary>
internal static class RateLimitingServiceCollectionExtensions
{
    public static IServiceCollection AddRunsRateLimiting(this IServiceCollection services)
    {
        services.AddSingleton<ApiMetrics>();
        services.AddSingleton<RequestLimits>();
        services.AddSingleton<RequestRateLimiter>();
        services.AddSingleton<RequestBodyReader>();
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<RequestRateLimiter, ApiMetrics>((limiter, rates, metrics) =>
        {
            limiter.GlobalLimiter = rates.Limiter;
            limiter.OnRejected = (rejected, _) =>
            {
                metrics.RecordRateRejection();
                return new ValueTask(Problems.TooManyRequests().ExecuteAsync(rejected.HttpContext));
            };
        });
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<ApiOptions>>(ConfigureKestrel);
        return services;
    }

    private static void ConfigureKestrel(KestrelServerOptions kestrel, IOptions<ApiOptions> api)
    {
        try
        {
            var limits = api.Value;
            kestrel.Limits.MaxConcurrentConnections = limits.MaxConcurrentConnections > 0 ? limits.MaxConcurrentConnections : null;
            kestrel.Limits.MinRequestBodyDataRate = limits.MinBodyBytesPerSecond > 0
                ? new MinDataRate(limits.MinBodyBytesPerSecond, gracePeriod: TimeSpan.FromSeconds(5))
                : null;
        }
        catch (OptionsValidationException)
        {
            // Kestrel is configured before the options are validated. The validation at startup reports the invalid
            // settings and stops the server.
        }
    }

    /// <summary>
    /// Rejects excess creates before authentication and body parsing, to keep rejections cheap. To be used after
    /// routing and before authentication.
    /// </summary>
    public static void UseCreateLoadShedding(this IApplicationBuilder app)
    {
        var limits = app.ApplicationServices.GetRequiredService<RequestLimits>();
        app.Use(next => http => http.GetEndpoint()?.Metadata.GetMetadata<RatePolicy>() == RatePolicy.Creates && limits.Commands.RejectsAll()
            ? Problems.Overloaded().ExecuteAsync(http)
            : next(http));
    }

    /// <summary>
    /// Applies the limits of the caller's tenant, before bodies are read. To be used after authorization.
    /// </summary>
    public static void UseTenantLimits(this IApplicationBuilder app)
    {
        var rates = app.ApplicationServices.GetRequiredService<RequestRateLimiter>();
        var limits = app.ApplicationServices.GetRequiredService<RequestLimits>();
        app.Use(next => http =>
        {
            // OnStarting also covers requests that fail later: the exception handler clears headers set before it.
            http.Response.OnStarting(() =>
            {
                rates.WriteHeaders(http);
                return Task.CompletedTask;
            });
            return next(http);
        });
        app.UseRateLimiter();
        app.Use(next => http => FindLimit(http, limits).ToProblem() is { } problem ? problem.ExecuteAsync(http) : next(http));
    }

    // A permit that is free now may be taken when the body has arrived; the request is rejected then. This check only
    // avoids reading a body that would be rejected.
    private static LimitedBy FindLimit(HttpContext http, RequestLimits limits)
    {
        var policy = RatePolicy.For(http);
        return policy is null || policy == RatePolicy.Reads
            ? LimitedBy.None
            : (policy == RatePolicy.Appends ? limits.Appends : limits.Commands).Check(http.User.FindFirstValue(Caller.TenantClaim) ?? "");
    }
}
