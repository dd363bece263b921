using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>Records the calls of a store. A test can replace or fail single calls.</summary>
public class ScriptedStore : DispatchProxy
{
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Func<object>>> _replacements = new();
    private readonly ConcurrentQueue<Guid> _insertedIds = new();
    private IRunStore _inner = null!;

    /// <summary>The names of the methods that were called.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    /// <summary>The ids of the runs that were inserted.</summary>
    public IReadOnlyCollection<Guid> InsertedIds => _insertedIds;

    /// <summary>The arguments of the last call of a method.</summary>
    public ConcurrentDictionary<string, object?[]> LastArguments { get; } = new();

    /// <summary>Puts a scripted store over the registered one.</summary>
    public static void Register(IServiceCollection services, Action<ScriptedStore> created)
    {
        var inner = services.Last(service => service.ServiceType == typeof(IRunStore));
        services.Replace(ServiceDescriptor.Singleton(provider =>
        {
            var store = Wrap((IRunStore)inner.ImplementationFactory!(provider), out var script);
            created(script);
            return store;
        }));
    }

    /// <summary>Puts a scripted store over <paramref name="inner"/>.</summary>
    public static IRunStore Wrap(IRunStore inner, out ScriptedStore script)
    {
        var store = Create<IRunStore, ScriptedStore>();
        script = (ScriptedStore)(object)store;
        script._inner = inner;
        return store;
    }

    /// <summary>Makes the next call of <paramref name="method"/> return <paramref name="result"/>.</summary>
    public void ReturnNext<T>(string method, T result) => GetReplacements(method).Enqueue(() => Task.FromResult(result));

    /// <summary>
    /// Makes the next call of <paramref name="method"/> return <paramref name="result"/>, without calling the store.
    /// </summary>
    public void ReplaceNext(string method, Task result) => GetReplacements(method).Enqueue(() => result);

    /// <summary>Fails the next call of <paramref name="method"/>.</summary>
    public void FailNext(string method, Exception exception) => GetReplacements(method).Enqueue(() => throw exception);

    public void ClearCalls() => _calls.Clear();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _calls.Enqueue(targetMethod!.Name);
        LastArguments[targetMethod.Name] = args!;
        if (targetMethod.Name == nameof(IRunStore.TryInsert))
        {
            _insertedIds.Enqueue(((Run)args![0]!).Id);
        }

        return GetReplacements(targetMethod.Name).TryDequeue(out var replacement)
            ? replacement()
            : targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
    }

    private ConcurrentQueue<Func<object>> GetReplacements(string method) => _replacements.GetOrAdd(method, _ => new());
}
