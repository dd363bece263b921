using Microsoft.Extensions.DependencyInjection;
using Runs.Api.Authentication;

namespace Runs.Client.Tests;

/// <summary>Registers clients of tests.</summary>
internal static class ClientServices
{
    /// <summary>Adds a client of the development tenant.</summary>
    public static IServiceCollection AddRunsClientTo(this IServiceCollection services, string address, string? apiKey = null)
    {
        services.AddRunsClient(options =>
        {
            options.Address = new Uri(address);
            options.ApiKey = apiKey ?? DevelopmentApiKey.Key;
            options.Project = EmbeddedServer.Project;
        });
        return services;
    }
}
