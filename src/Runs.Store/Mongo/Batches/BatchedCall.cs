using System.Diagnostics;

namespace Runs.Store.Mongo;

/// <summary>A call that waits for its batch. Each call gets its own result.</summary>
internal sealed class BatchedCall<TArgument, TResult>(TArgument argument, long characterCount, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TArgument Argument => argument;

    public long CharacterCount => characterCount;

    public Task<TResult> Completion => _completion.Task;

    /// <summary>Whether the caller has cancelled; checked before the call is sent.</summary>
    public bool IsCancelled => cancellationToken.IsCancellationRequested;

    /// <summary>The span of the caller.</summary>
    public Activity? Activity { get; } = Activity.Current;

    /// <summary>
    /// Gives the caller its result. Only the first <see cref="Complete"/> or <see cref="Fail"/> has an effect.
    /// </summary>
    public void Complete(TResult result) => _completion.TrySetResult(result);

    /// <inheritdoc cref="Complete"/>
    public void Fail(Exception exception)
    {
        _completion.TrySetException(exception);
        _ = _completion.Task.Exception; // observed: a caller that has cancelled does not read it
    }
}
