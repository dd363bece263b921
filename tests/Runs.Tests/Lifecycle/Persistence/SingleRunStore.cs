using System.Reflection;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>A store in memory, of one run or none, and its parent.</summary>
public class SingleRunStore : DispatchProxy
{
    private Run? _run;
    private Run? _parent;

    public IRunStore Store => (IRunStore)(object)this;

    /// <summary>The run as it was last written.</summary>
    public Run? Written { get; private set; }

    public static SingleRunStore With(Run? run, Run? parent = null)
    {
        var store = (SingleRunStore)(object)Create<IRunStore, SingleRunStore>();
        (store._run, store._parent) = (run, parent);
        return store;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(IRunStore.Find) or nameof(IRunStore.FindLinearizable) or nameof(IRunStore.FindWithoutPayload) =>
            Task.FromResult(new[] { _run, _parent }.FirstOrDefault(run => run?.Id == (Guid)args![0]!)),
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
