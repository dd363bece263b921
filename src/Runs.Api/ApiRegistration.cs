using System.Text.Encodings.Web;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Options;
using Runs.Api.Events;
using Runs.Api.Http;
using Runs.Api.RateLimiting;
using Runs.Api.Security;
using Runs.Store;

namespace Runs.Api;

/// <summary>Adds the api role to a host that has a store and a bus.</summary>
public static class ApiRegistration
{
    /// <summary>Adds authentication, problems, OpenAPI and the way to the saga.</summary>
    public static IServiceCollection AddRunsApi(this IServiceCollection services, bool isDevelopment)
    {
        services.AddValidatedOptions<ApiOptions>(ApiOptions.Section);
        services.AddSingleton<RunCommands>();
        services.AddSingleton<EventAppender>();
        services.AddRunsRateLimiting();
        services.AddSingleton<EventNotices>();
        services.AddHostedService(provider => provider.GetRequiredService<EventNotices>());
        services.AddSingleton<RunFollowers>();
        services.AddHostedService(provider => provider.GetRequiredService<RunFollowers>());
        services.AddRunsAuthentication(isDevelopment);
        services.AddSingleton<IProblemDetailsWriter, ProblemWriter>(); // before the framework's own: the first that can write does
        services.AddProblemDetails();
        services.AddExceptionHandler<Trouble>();
        services.AddRunsOpenApi();
        services.AddReverseProxy();
        services.AddCrossOrigin();
        services.AddRequestCompression();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // JSON only, never inside a page
        });
        return services;
    }

    /// <summary>Adds to the bus what the api role hears of the changes that other processes make.</summary>
    public static void AddEventNotices(this IBusRegistrationConfigurator bus)
    {
        ArgumentNullException.ThrowIfNull(bus);
        bus.AddConsumer<EventNoticesConsumer>().Endpoint(endpoint =>
        {
            endpoint.Name = $"runs-api-{NewId.NextGuid():N}";
            endpoint.Temporary = true; // it goes when the process does: who is not there needs no notice
            endpoint.AddConfigureEndpointCallback((_, queue) =>
            {
                queue.DiscardSkippedMessages(); // queues beside it would stay behind
                queue.DiscardFaultedMessages();
            });
        });
    }

    /// <summary>Puts errors and authentication in front of the routes.</summary>
    public static void UseRunsApi(this WebApplication app)
    {
        app.UseReverseProxy();
        app.UseMiddleware<AuditLog>(); // around the exception handler: it sees the status that was answered
        app.UseResponseHeaders();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseRoutingWithHead();
        app.UseCrossOrigin();
        app.UseCreateShedding();
        app.Use(AuditLog.NoteRoute);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseTenantLimits();
        app.UseRequestCompression();
        if (app.Services.GetRequiredService<IOptions<ApiOptions>>().Value.Descriptions)
        {
            app.MapRunsOpenApi();
            app.MapRunsAsyncApi();
        }
    }
}
