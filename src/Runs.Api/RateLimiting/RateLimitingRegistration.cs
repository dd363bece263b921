using System.Security.Claims;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Runs.Api.RateLimiting;

/// <summary>
/// Gives every tenant its share of the process. A request passes, in this order: the process's commands, before anything is known of it; authentication; its tenant's
/// rate; its tenant's share of what is under way, before its body is read; the memory for its body; and the permit, which is taken when the body is there.
/// </summary>
internal static class RateLimitingRegistration
{
    public static IServiceCollection AddRunsRateLimiting(this IServiceCollection services)
    {
        services.AddSingleton<RequestLimits>();
        services.AddSingleton<RequestRates>();
        services.AddSingleton<RequestBodyReader>();
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<RequestRates>((limiter, rates) =>
        {
            limiter.GlobalLimiter = rates.Limiter;
            limiter.OnRejected = (rejected, _) => new ValueTask(Problems.TooManyRequests().ExecuteAsync(rejected.HttpContext));
        });
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<ApiOptions>>(Limit);
        return services;
    }

    private static void Limit(KestrelServerOptions kestrel, IOptions<ApiOptions> api)
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
            // Kestrel is made first. The check of all settings reports what is wrong, and the server does not start.
        }
    }

    /// <summary>Rejects a crowd of creates before their callers are known: what is rejected must cost those little who are served. Before authentication.</summary>
    public static void UseCreateShedding(this IApplicationBuilder app)
    {
        var limits = app.ApplicationServices.GetRequiredService<RequestLimits>();
        app.Use(next => http => HttpMethods.IsPost(http.Request.Method) && http.Request.Path == "/runs" && limits.Commands.IsExhausted
            ? Problems.Overloaded().ExecuteAsync(http)
            : next(http));
    }

    /// <summary>Applies the limits of the caller's tenant, before bodies are read. After authorization.</summary>
    public static void UseTenantLimits(this IApplicationBuilder app)
    {
        var rates = app.ApplicationServices.GetRequiredService<RequestRates>();
        var limits = app.ApplicationServices.GetRequiredService<RequestLimits>();
        app.Use(next => http =>
        {
            // Also on what becomes an error later: the exception handler clears the headers that are there by then.
            http.Response.OnStarting(() =>
            {
                rates.WriteHeaders(http);
                return Task.CompletedTask;
            });
            return next(http);
        });
        app.UseRateLimiter();
        app.Use(next => http => Probe(http, limits).Problem() is { } problem ? problem.ExecuteAsync(http) : next(http));
    }

    // A permit that is free now may be taken when the body has arrived: then the request is rejected after all. This only saves reading what has no chance.
    private static LimitedBy Probe(HttpContext http, RequestLimits limits)
    {
        var policy = RatePolicy.Of(http);
        return policy is null || policy == RatePolicy.Reads
            ? LimitedBy.None
            : (policy == RatePolicy.Appends ? limits.Appends : limits.Commands).Probe(http.User.FindFirstValue(Caller.TenantClaim) ?? "");
    }
}
