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

    public void Complete(TResult result) => _completion.TrySetResult(result);

    public void Fail(Exception exception) => _completion.TrySetException(exception);
}
