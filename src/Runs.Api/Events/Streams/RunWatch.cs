namespace Runs.Api.Events;

/// <summary>Runs that a caller of <see cref="RunWatcher"/> watches.</summary>
/// <param name="versions">The versions of the runs that the caller has read.</param>
/// <param name="remove">Ends the watch.</param>
internal sealed class RunWatch(IReadOnlyDictionary<Guid, long> versions, Action<RunWatch> remove) : IDisposable
{
    private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The versions of the runs that the caller has read.</summary>
    public IReadOnlyDictionary<Guid, long> Versions => versions;

    /// <summary>Reports that one of the runs may have changed.</summary>
    public void SetChanged() => _changed.TrySetResult();

    /// <summary>Waits until one of the runs may have changed. False when the timeout elapses first.</summary>
    public async Task<bool> WaitForChange(TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            await _changed.Task.WaitAsync(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, clock, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public void Dispose() => remove(this);
}
