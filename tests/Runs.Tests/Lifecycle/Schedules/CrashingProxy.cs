using System.Reflection;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// Decorates a store: before a call the process may be killed, so that the call is not made. A kill before the next
/// call is one after this call.
/// </summary>
public class CrashingProxy : DispatchProxy
{
    private object _inner = null!;
    private Func<bool> _isKilled = null!;

    public static T Wrap<T>(T inner, Func<bool> isKilled)
        where T : class
    {
        var proxy = Create<T, CrashingProxy>();
        var crashing = (CrashingProxy)(object)proxy;
        (crashing._inner, crashing._isKilled) = (inner, isKilled);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _isKilled()
        ? throw new SimulatedCrashException()
        : targetMethod!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
}
