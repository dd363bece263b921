using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Runs.Store;

/// <summary>Registers the services that every store implementation needs.</summary>
internal static class StoreServiceCollectionExtensions
{
    public static IServiceCollection AddStoreAvailability(this IServiceCollection services)
    {
        services.TryAddSingleton<StoreAvailability>();
        return services.AddHostedService<StoreMonitor>();
    }
}
