using System.Reflection;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>A store in memory, of one run or none.</summary>
public class SingleRunStore : DispatchProxy
{
    private Run? _run;

    public IRunStore Store => (IRunStore)(object)this;

    /// <summary>The run as it was last written.</summary>
    public Run? Written { get; private set; }

    public static SingleRunStore With(Run? run)
    {
        var store = (SingleRunStore)(object)Create<IRunStore, SingleRunStore>();
        store._run = run;
        return store;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(IRunStore.Find) or nameof(IRunStore.FindLinearizable) or nameof(IRunStore.FindWithoutPayload) =>
            Task.FromResult(_run?.Id == (Guid)args![0]! ? _run : null),
        nameof(IRunStore.TryInsert) => Task.FromResult(_run is null && Write((Run)args![0]!)),
        nameof(IRunStore.TryReplace) => Task.FromResult(Write((Run)args![0]!)),
        var name => throw new NotSupportedException(name),
    };

    private bool Write(Run run)
    {
        _run = Written = run;
        return true;
    }
}
