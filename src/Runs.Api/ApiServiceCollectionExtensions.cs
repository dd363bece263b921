using System.Text.Encodings.Web;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api;

/// <summary>Adds the api role to a host that has a store and a bus.</summary>
public static class ApiServiceCollectionExtensions
{
    /// <summary>
    /// Returns <c>Api__TenantShare</c>, for limits of appends that the store applies; the default in a process without
    /// the api role.
    /// </summary>
    public static double GetTenantShare(IServiceProvider services) =>
        services.GetRequiredService<IOptions<ApiOptions>>().Value.TenantShare;

    /// <summary>
    /// Adds authentication, rate limits, problem details, OpenAPI and the client that sends commands to the saga.
    /// </summary>
    public static IServiceCollection AddRunsApi(this IServiceCollection services, bool isDevelopment)
    {
        services.AddValidatedOptions<ApiOptions>(ApiOptions.Section);
        services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = ApiOptions.MaxBodyBytes);
        services.AddSingleton<CommandChannel>();
        services.AddSingleton<RunCommandClient>();
        services.AddSingleton<EventAppender>();
        services.AddSingleton<RunHeadCache>();
        services.AddLeases();
        services.AddSingleton<IClaimSender, ClaimSender>();
        services.AddSingleton<CandidateReader>();
        services.AddSingleton<KnownReadyPools>();
        services.AddSingleton<ClaimDispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<ClaimDispatcher>());
        services.AddRunsRateLimiting();
        services.AddSingleton<RunChangePublisher>();
        services.AddHostedService(provider => provider.GetRequiredService<RunChangePublisher>());
        services.AddSingleton<RunSubscriptions>();
        services.AddHostedService(provider => provider.GetRequiredService<RunSubscriptions>());
        services.AddSingleton<RunWatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<RunWatcher>());
        services.AddSingleton<HeartbeatLeases>();
        services.AddSingleton<JsonBodyReader>();
        services.AddSingleton<LongPoll>();
        services.AddSingleton<ScheduleWriter>();
        services.AddSingleton<ServerSentEventsWriter>();
        services.AddSingleton<WorkerWriter>();
        services.AddSingleton<WorkerDetailsCache>();
        services.AddSingleton<WorkerActivity>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkerActivity>());
        services.AddRunsAuthentication(isDevelopment);
        // Before the framework's own writer: the first writer that can write is used.
        services.AddSingleton<IProblemDetailsWriter, ProblemDetailsWriter>();
        services.AddProblemDetails();
        services.AddExceptionHandler<ApiExceptionHandler>();
        services.AddRunsOpenApi();
        services.AddReverseProxy();
        services.AddCrossOrigin();
        services.AddRunsRequestDecompression();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // safe: JSON is never embedded in HTML
        });
        return services;
    }

    /// <summary>
    /// Adds the file with the key that signs tokens of event writers, which is created if <c>Auth:SigningKey</c> is not
    /// set.
    /// </summary>
    public static void AddSigningKeyFile(this IServiceCollection services, string path) =>
        services.AddSingleton(new SigningKeyFile(path));

    /// <summary>Adds the consumer of run changes that other processes publish.</summary>
    public static void AddRunChangeConsumer(this IBusRegistrationConfigurator bus)
    {
        ArgumentNullException.ThrowIfNull(bus);
        bus.AddConsumer<RunChangeConsumer>().Endpoint(endpoint =>
        {
            endpoint.Name = $"runs-api-{NewId.NextGuid():N}";
            endpoint.Temporary = true; // deleted with the process: a stopped process needs no notifications
            endpoint.AddConfigureEndpointCallback((_, queue) =>
            {
                queue.DiscardSkippedMessages(); // its _skipped and _error queues would outlive the process
                queue.DiscardFaultedMessages();
            });
        });
    }

    /// <summary>Adds the middleware in front of the routes: errors, authentication, authorization and limits.</summary>
    public static void UseRunsApi(this WebApplication app)
    {
        app.UseReverseProxy();
        app.Use(RequestLogScope.Create(app.Logger));
        app.UseMiddleware<AuditLogMiddleware>(); // outside the exception handler, so that it sees the final status
        app.UseResponseHeaders();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseRoutingWithHead();
        app.UseCrossOrigin();
        app.UseCreateLoadShedding();
        app.Use(AuditLogMiddleware.RecordRoute);
        app.Use(RequestSpan.Describe);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseTenantLimits();
        app.UseRunsRequestDecompression();
        if (app.Services.GetRequiredService<IOptions<ApiOptions>>().Value.ServeDescriptions)
        {
            app.MapRunsOpenApi();
            app.MapRunsAsyncApi();
        }
    }
}
