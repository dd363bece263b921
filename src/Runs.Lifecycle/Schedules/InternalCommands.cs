using MassTransit;
using MassTransit.Mediator;
using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>
/// Sends commands of the service itself to the state machine, in this process and without the broker, and returns the
/// replies.
/// </summary>
internal sealed class InternalCommands(RunSagaMediatorFactory mediators, IOutboxDispatcher outboxDispatcher) : IAsyncDisposable
{
    private readonly IMediator _mediator = mediators.Create(outboxDispatcher, isInternal: true);

    /// <summary>Sends a command and waits for the reply, after which its effect is stored.</summary>
    /// <returns>The rejection; null when the command was carried out, now or by an earlier repeat.</returns>
    public async Task<RunRejected?> Send<T>(T command, CancellationToken cancellationToken)
        where T : class
    {
        var reply = await _mediator.CreateRequestClient<T>().GetResponse<RunSnapshot, RunRejected>(command, cancellationToken);
        return reply.Is(out Response<RunRejected>? rejected) ? rejected.Message : null;
    }

    public ValueTask DisposeAsync() => ((IAsyncDisposable)_mediator).DisposeAsync();
}
