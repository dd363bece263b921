namespace Runs.Api.Commands;

/// <summary>A command whose caller waits for the reply.</summary>
internal sealed class PendingCommand(Guid messageId, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource<object> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Guid MessageId => messageId;

    /// <summary>The command as an item of a batch.</summary>
    public ReadOnlyMemory<byte> Json => json;

    public Task<object> Reply => _reply.Task;

    /// <summary>
    /// The entry in the queue of the commands that wait for a batch; null if the command did not wait.
    /// </summary>
    public LinkedListNode<PendingCommand>? QueueEntry { get; set; }

    /// <summary>Whether the caller has left; checked before the command is sent.</summary>
    public bool IsCancelled => cancellationToken.IsCancellationRequested;

    public void Complete(object reply) => _reply.TrySetResult(reply);

    public void Fail(Exception exception) => _reply.TrySetException(exception);
}
