using System.Collections.Concurrent;
using System.Reflection;
using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>Decorates a store, or replaces one. A test can make its calls fail or wait.</summary>
public class InterceptedStore : DispatchProxy
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IRunStore? _inner;
    private readonly ConcurrentDictionary<string, int> _callsByMethod = new();
    private int _calls;
    private int _pings;

    /// <summary>The store to pass to the code under test.</summary>
    public IRunStore Store => (IRunStore)(object)this;

    /// <summary>The exception that calls throw; null if they succeed.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The only method that throws <see cref="Failure"/>; null if every method does.</summary>
    public string? FailingMethod { get; set; }

    /// <summary>Called with the name of each method before it.</summary>
    public Action<string>? OnCall { get; set; }

    /// <summary>Whether calls without a result wait for <see cref="Release"/>.</summary>
    public bool HoldsCalls { get; set; }

    /// <summary>The number of calls.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>The number of pings.</summary>
    public int Pings => Volatile.Read(ref _pings);

    /// <summary>Returns the number of calls of a method.</summary>
    public int CountCalls(string method) => _callsByMethod.GetValueOrDefault(method);

    /// <summary>Completes the waiting calls.</summary>
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
        _callsByMethod.AddOrUpdate(targetMethod!.Name, 1, (_, count) => count + 1);
        Interlocked.Add(ref _pings, targetMethod.Name == nameof(IRunStore.Ping) ? 1 : 0);
        OnCall?.Invoke(targetMethod.Name);
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
