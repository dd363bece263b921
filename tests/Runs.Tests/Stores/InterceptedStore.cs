using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>A store whose calls a test can fail or hold, over another one or over none.</summary>
public class InterceptedStore : DispatchProxy
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IRunStore? _inner;
    private int _calls;
    private int _pings;

    /// <summary>The store, for the code under test.</summary>
    public IRunStore Store => (IRunStore)(object)this;

    /// <summary>What every call throws; null when they are carried out.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The one call that throws it; null when every call does.</summary>
    public string? FailingMethod { get; set; }

    /// <summary>Whether calls without a result are held until <see cref="Release"/>, or for ever.</summary>
    public bool HoldsCalls { get; set; }

    /// <summary>How many calls there were.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>How many of them asked whether the store answers.</summary>
    public int Pings => Volatile.Read(ref _pings);

    /// <summary>Answers the calls that are held.</summary>
    public void Release() => _release.SetResult();

    public static InterceptedStore Wrap(IRunStore? inner)
    {
        var store = (InterceptedStore)(object)Create<IRunStore, InterceptedStore>();
        store._inner = inner;
        return store;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Interlocked.Increment(ref _calls);
        Interlocked.Add(ref _pings, targetMethod!.Name == nameof(IRunStore.Ping) ? 1 : 0);
        if (Failure is { } failure && (FailingMethod ?? targetMethod.Name) == targetMethod.Name)
        {
            throw failure;
        }

        if (HoldsCalls || _inner is null)
        {
            return HoldsCalls ? _release.Task : Task.CompletedTask;
        }

        return targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}

/// <summary>Puts an <see cref="InterceptedStore"/> over the store of a server.</summary>
internal static class InterceptedStoreExtensions
{
    public static void InterceptStore(this WebApplicationBuilder builder, Action<InterceptedStore> intercepted) =>
        builder.Host.ConfigureContainer<IServiceCollection>((_, services) => // when everything else has been added
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
