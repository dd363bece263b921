using MassTransit;
using MassTransit.Mediator;
using MassTransit.Saga;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Sends commands of the service itself to the state machine, in this process and without the broker, and returns the
/// replies. The same state machine decides, and the same versioned writes store what it decides.
/// </summary>
internal sealed class InternalCommands : IAsyncDisposable
{
    private readonly IMediator _mediator;

    public InternalCommands(
        IRunStore store, IOutboxDispatcher outboxDispatcher, CascadeQueue cascades, TimeProvider clock,
        IOptions<LifecycleOptions> options, IOptions<ExecutionOptions> execution, PublisherAudit audit, RunMetrics metrics,
        ILogger<RunStateMachine> logger)
    {
        var sagaContexts = new SagaConsumeContextFactory<IRunStore, RunSaga>();
        var repository = new SagaRepository<RunSaga>(new RunSagaRepositoryContextFactory(
            store, outboxDispatcher, cascades, clock, options, execution, sagaContexts, audit, metrics, logger, isInternal: true));
        _mediator = MassTransit.Bus.Factory.CreateMediator(mediator => mediator.StateMachineSaga(new RunStateMachine(), repository));
    }

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
