using MassTransit.Mediator;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Sends commands of the service itself to the state machine, in this process and without the broker, and returns the
/// replies.
/// </summary>
internal sealed class InternalCommands(RunSagaMediatorFactory mediators, IOutboxDispatcher outboxDispatcher) : IAsyncDisposable
{
    private readonly IMediator _mediator = mediators.Create(outboxDispatcher, isInternal: true);

    /// <summary>Sends a command and waits for the reply, after which its effect is stored.</summary>
    /// <returns>
    /// A <see cref="RunSnapshot"/> when the command was carried out, now or by an earlier repeat; otherwise a
    /// <see cref="RunRejected"/>.
    /// </returns>
    /// <exception cref="StoreUnavailableException">
    /// The store is unavailable. The command may have been carried out; a repeat is safe.
    /// </exception>
    public async Task<object> Send<T>(T command, CancellationToken cancellationToken)
        where T : class
    {
        var reply = await _mediator.CreateRequestClient<T>().GetResponse<RunSnapshot, RunRejected>(command, cancellationToken);
        return reply.Message is RunRejected { Code: RejectionCodes.StoreUnavailable } rejected
            ? throw new StoreUnavailableException(rejected.Detail, null)
            : reply.Message;
    }

    public ValueTask DisposeAsync() => ((IAsyncDisposable)_mediator).DisposeAsync();
}
