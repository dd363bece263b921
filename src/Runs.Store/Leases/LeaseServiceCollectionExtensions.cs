using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Runs.Store;

/// <summary>Registers what the roles share to execute runs.</summary>
public static class LeaseServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="ExecutionOptions"/> and <see cref="LeaseRenewer"/>. Both roles of a process may call it.
    /// </summary>
    public static IServiceCollection AddLeases(this IServiceCollection services)
    {
        services.AddValidatedOptions<ExecutionOptions>(ExecutionOptions.Section);
        services.TryAddSingleton<LeaseRenewer>();
        return services;
    }
}
