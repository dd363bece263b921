using System.Reflection;
using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>A store whose calls a test can fail or hold, over another one or over none.</summary>
public class InterceptedStore : DispatchProxy
{
    private IRunStore? _inner;
    private int _calls;

    /// <summary>The store, for the code under test.</summary>
    public IRunStore Store => (IRunStore)(object)this;

    /// <summary>What every call throws; null when they are carried out.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Whether calls without a result are never answered.</summary>
    public bool Hangs { get; set; }

    /// <summary>How many calls there were.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public static InterceptedStore Over(IRunStore? inner)
    {
        var store = (InterceptedStore)(object)Create<IRunStore, InterceptedStore>();
        store._inner = inner;
        return store;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Interlocked.Increment(ref _calls);
        if (Failure is { } failure)
        {
            throw failure;
        }

        if (Hangs || _inner is null)
        {
            return Hangs ? new TaskCompletionSource().Task : Task.CompletedTask;
        }

        return targetMethod!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
