using MassTransit;
using MassTransit.Mediator;
using MassTransit.Saga;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Connects the state machine to mediators: messages of the service to itself reach it in this process and without the
/// broker. The same state machine decides, and the same versioned writes store what it decides.
/// </summary>
internal sealed class RunSagaMediatorFactory(
    IRunStore store, CascadeQueue cascades, TimeProvider clock, IOptions<LifecycleOptions> options, IOptions<ExecutionOptions> execution,
    PublisherAudit audit, RunMetrics metrics, ILogger<RunStateMachine> logger)
{
    /// <summary>Creates a mediator.</summary>
    /// <param name="outboxDispatcher">Receives the runs that were saved with messages to publish.</param>
    /// <param name="isCascaded">Whether the messages cancel runs below a cancelled one.</param>
    /// <param name="isInternal">Whether the messages are commands of the service itself.</param>
    public IMediator Create(IOutboxDispatcher outboxDispatcher, bool isCascaded = false, bool isInternal = false)
    {
        var sagaContexts = new SagaConsumeContextFactory<IRunStore, RunSaga>();
        var repository = new SagaRepository<RunSaga>(new RunSagaRepositoryContextFactory(
            store, outboxDispatcher, cascades, clock, options, execution, sagaContexts, audit, metrics, logger, isCascaded, isInternal));
        return MassTransit.Bus.Factory.CreateMediator(mediator => mediator.StateMachineSaga(new RunStateMachine(), repository));
    }
}
