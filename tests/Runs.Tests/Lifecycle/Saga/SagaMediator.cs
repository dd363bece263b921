using MassTransit;
using MassTransit.Mediator;
using MassTransit.Saga;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>The saga of one run on MassTransit's mediator: no broker, and a store in memory.</summary>
internal sealed class SagaMediator : IOutboxDispatcher, IAsyncDisposable
{
    private readonly IMediator _mediator;

    /// <param name="run">The stored run; null if there is none.</param>
    /// <param name="isCascaded">Whether commands come from the cascade of a run above.</param>
    /// <param name="parent">Another stored run.</param>
    public SagaMediator(Run? run = null, bool isCascaded = false, Run? parent = null)
    {
        Store = SingleRunStore.With(run, parent);
        var repository = new SagaRepository<RunSaga>(new RunSagaRepositoryContextFactory(
            Store.Store,
            this,
            Cascades,
            Clock,
            Options.Create(new LifecycleOptions()),
            Options.Create(new ExecutionOptions()),
            new SagaConsumeContextFactory<IRunStore, RunSaga>(),
            new PublisherAudit(NullLoggerFactory.Instance, Clock),
            new RunMetrics(Meters, Clock),
            NullLogger<RunStateMachine>.Instance,
            isCascaded));
        _mediator = MassTransit.Bus.Factory.CreateMediator(mediator => mediator.StateMachineSaga(new RunStateMachine(), repository));
    }

    public TestMeterFactory Meters { get; } = new();

    public FakeTimeProvider Clock { get; } = new(TestRuns.Noon.AddHours(1));

    public CascadeQueue Cascades { get; } = new();

    public SingleRunStore Store { get; }

    /// <summary>The run as it was last written.</summary>
    public Run Written => Store.Written ?? throw new InvalidOperationException("Nothing was written.");

    /// <summary>The runs whose outbox was to be dispatched.</summary>
    public List<Run> Enqueued { get; } = [];

    public void Enqueue(Run run) => Enqueued.Add(run);

    /// <summary>Sends a command and returns the reply: a snapshot or a rejection.</summary>
    public async Task<object> Request<T>(T command, Guid? messageId = null)
        where T : class
    {
        Response reply = await _mediator.CreateRequestClient<T>().GetResponse<RunSnapshot, RunRejected>(
            command, request => request.UseExecute(context => context.MessageId = messageId ?? context.MessageId));
        return reply.Message;
    }

    /// <summary>Sends a command whose sender expects no reply.</summary>
    public Task Send<T>(T command)
        where T : class => _mediator.Send(command);

    public ValueTask DisposeAsync() => ((IAsyncDisposable)_mediator).DisposeAsync();
}
