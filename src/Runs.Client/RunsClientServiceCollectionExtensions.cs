using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly.Telemetry;
using Runs.Client.Http;

namespace Runs.Client;

/// <summary>Registers <see cref="RunsClient"/>.</summary>
public static class RunsClientServiceCollectionExtensions
{
    /// <summary>
    /// Registers the client as a singleton. Further calls only add to the options.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets options; the configuration and the environment are read before.</param>
    /// <returns>The HTTP client of the calls that are not long polls, for handlers of the application.</returns>
    public static IHttpClientBuilder AddRunsClient(this IServiceCollection services, Action<RunsClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (!services.Any(service => service.ServiceType == typeof(RunsClient)))
        {
            services.AddClient();
        }

        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services.AddHttpClient(ApiClients.Calls);
    }

    private static void AddClient(this IServiceCollection services)
    {
        services.AddOptions<RunsClientOptions>().ValidateOnStart();
        services.AddSingleton<IConfigureOptions<RunsClientOptions>>(
            provider => new RunsClientOptionsSetup(provider.GetService<IConfiguration>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RunsClientOptions>, RunsClientOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddTransient<AuthorizationHandler>();
        services.TryAddTransient<ResponseBufferHandler>();
        services.TryAddSingleton<ApiTransport>();
        services.AddSingleton(provider => new RunsClient(
            provider.GetRequiredService<ApiTransport>(),
            provider.GetRequiredService<IOptions<RunsClientOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        var polls = services.AddApiClient(ApiClients.Polls);
        polls.AddResilienceHandler(ApiClients.Polls, PollResilience.Configure);
        polls.AddInnerHandlers();
        var calls = services.AddApiClient(ApiClients.Calls);
        calls.AddStandardResilienceHandler(CallResilience.Configure);
        calls.AddInnerHandlers();
        services.PostConfigure<TelemetryOptions>(ResilienceLogs.Configure);
    }
}
