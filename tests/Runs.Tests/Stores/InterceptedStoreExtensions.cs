using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>Decorates the store of a server with an <see cref="InterceptedStore"/>.</summary>
internal static class InterceptedStoreExtensions
{
    public static void InterceptStore(this WebApplicationBuilder builder, Action<InterceptedStore> intercepted) =>
        builder.Host.ConfigureContainer<IServiceCollection>((_, services) => // after all other registrations
        {
            var inner = services.Last(service => service.ServiceType == typeof(IRunStore));
            services.Replace(ServiceDescriptor.Singleton(provider =>
            {
                var store = InterceptedStore.Wrap((IRunStore)inner.ImplementationFactory!(provider));
                intercepted(store);
                return store.Store;
            }));
        });
}
