using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Runs.Client;

namespace Runs.Worker;

/// <summary>Registers workers.</summary>
public static class RunsWorkerServiceCollectionExtensions
{
    /// <summary>
    /// Registers a worker, which claims and executes runs while the host runs, and the <see cref="RunsClient"/> that it
    /// uses: <c>RUNS_URL</c>, <c>RUNS_API_KEY</c> and <c>RUNS_PROJECT</c> are all the configuration that it needs.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Adds handlers, middleware and settings.</param>
    public static RunsWorkerBuilder AddRunsWorker(this IServiceCollection services, Action<RunsWorkerBuilder> configure) =>
        services.AddRunsWorker("", configure);

    /// <summary>Registers one of several workers of a host.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="name">The name, unique in the host; part of the worker's key.</param>
    /// <param name="configure">Adds handlers, middleware and settings.</param>
    /// <exception cref="ArgumentException">The host has a worker of this name.</exception>
    public static RunsWorkerBuilder AddRunsWorker(
        this IServiceCollection services, string name, Action<RunsWorkerBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configure);
        if (services.Any(service => service.ImplementationInstance is WorkerDefinition other && other.Name == name))
        {
            throw new ArgumentException($"The host already has a worker with the name \"{name}\".", nameof(name));
        }

        services.AddRunsClient();
        services.AddMetrics();
        if (!services.Any(service => service.ImplementationInstance is WorkerDefinition))
        {
            WorkerConnection.AddHttpClient(services);
        }

        var definition = new WorkerDefinition(name, new HandlerTable());
        services.AddSingleton(definition);
        services.AddOptions<RunsWorkerOptions>(name)
            .Configure<IConfiguration>((options, configuration) => Read(options, configuration, name))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<RunsWorkerOptions>>(
            provider => new RunsWorkerValidator(definition, provider.GetRequiredService<IOptions<HostOptions>>()));
        services.TryAddSingleton(TimeProvider.System);
        services.AddKeyedSingleton(name, (provider, _) => ActivatorUtilities.CreateInstance<WorkerService>(provider, definition));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<WorkerService>(name));
        var builder = new RunsWorkerBuilder(services, definition);
        configure(builder);
        return builder;
    }

    private static void Read(RunsWorkerOptions options, IConfiguration configuration, string name)
    {
        // A key may be a host name with characters that the API does not allow.
        var key = new string([.. Environment.MachineName.Select(character => char.IsAsciiLetterOrDigit(character) ? character : '-')]);
        options.WorkerKey = name.Length == 0 ? key : $"{key}.{name}";
        var section = configuration.GetSection(RunsWorkerOptions.Section);
        section.Bind(options);
        if (name.Length > 0)
        {
            section.GetSection(name).Bind(options);
        }
    }
}
