using System.Reflection;
using MassTransit;

namespace Runs.Tests.Lifecycle;

/// <summary>A bus that only counts what is published.</summary>
public class CountingBus : DispatchProxy
{
    private int _published;

    public IBus Bus => (IBus)(object)this;

    public int Published => Volatile.Read(ref _published);

    public static CountingBus Create() => (CountingBus)(object)Create<IBus, CountingBus>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Interlocked.Increment(ref _published);
        return Task.CompletedTask;
    }
}
