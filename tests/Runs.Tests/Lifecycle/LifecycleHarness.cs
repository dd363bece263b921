using System.Collections.Concurrent;
using MassTransit;
using MassTransit.Saga;
using MassTransit.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Store.Sqlite;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// MassTransit's test harness and a SQLite file, with the lifecycle role as it is registered or without it.
/// </summary>
internal sealed class LifecycleHarness : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("runs-lifecycle-");
    private readonly ServiceProvider _services;
    private readonly ConcurrentQueue<PublishContext> _published = new();

    private LifecycleHarness(bool withRole, Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection()
            .AddMetrics()
            .AddFakeLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddSingleton<TimeProvider>(Clock)
            .AddSqliteRunStore(Path.Combine(_directory.FullName, "runs.db"));
        if (withRole)
        {
            services.AddLifecycle();
            services.AddSingleton<IQuerySagaRepository<RunSaga>>(_ => new StoredSagas(Script, Store));
            services.AddMassTransitTestHarness(bus =>
            {
                bus.SetTestTimeouts(testInactivityTimeout: TimeSpan.FromSeconds(30));
                bus.AddRunSaga();
                bus.UsingInMemory((context, broker) =>
                {
                    broker.ConfigureInMemoryBatches();
                    broker.ConfigureRunSagaEndpoints(context);
                });
            });
        }
        else
        {
            services.AddMassTransitTestHarness();
        }

        ScriptedStore.Register(services, store => Script = store);
        _services = services.BuildServiceProvider(validateScopes: true);
    }

    /// <summary>The clock of the role. It moves only when a test advances it.</summary>
    public FakeTimeProvider Clock { get; } = new(TestRuns.Noon);

    /// <summary>The bus: what was consumed, sent and published.</summary>
    public ITestHarness Bus => _services.GetTestHarness();

    /// <summary>
    /// The saga: which messages it consumed, which instances were created, and in which state they are.
    /// </summary>
    public ISagaStateMachineTestHarness<RunStateMachine, RunSaga> Saga =>
        _services.GetRequiredService<ISagaStateMachineTestHarness<RunStateMachine, RunSaga>>();

    /// <summary>What was logged.</summary>
    public FakeLogCollector Log => _services.GetFakeLogCollector();

    public IRunStore Store => _services.GetRequiredService<IRunStore>();

    /// <summary>The calls of the store.</summary>
    public ScriptedStore Script { get; private set; } = null!;

    /// <summary>Starts the bus, and the lifecycle role unless a test creates its parts itself.</summary>
    public static async Task<LifecycleHarness> Start(bool withRole = true, Dictionary<string, string?>? settings = null)
    {
        var harness = new LifecycleHarness(withRole, settings ?? []);
        await harness.Store.Initialize(default);
        await harness.Bus.Start();
        harness.Bus.Bus.ConnectPublishObserver(new PublishRecorder(harness._published));
        return harness;
    }

    /// <summary>Creates the saga repository of the role, for another state machine.</summary>
    public ISagaRepository<RunSaga> CreateSagaRepository() => new SagaRepository<RunSaga>(
        ActivatorUtilities.CreateInstance<RunSagaRepositoryContextFactory>(_services, new SagaConsumeContextFactory<IRunStore, RunSaga>()));

    /// <summary>Creates the factory of mediators over the store.</summary>
    public RunSagaMediatorFactory CreateMediatorFactory(CascadeQueue cascades, IOptions<LifecycleOptions> options) => new(
        Store,
        cascades,
        Clock,
        options,
        Options.Create(new ExecutionOptions()),
        new PublisherAudit(NullLoggerFactory.Instance, Clock),
        new RunMetrics(new TestMeterFactory(), Clock),
        NullLogger<RunStateMachine>.Instance);

    /// <summary>The meters of what the harness creates.</summary>
    public TestMeterFactory Meters { get; } = new();

    /// <summary>Creates a dispatcher that publishes to the bus.</summary>
    public OutboxDispatcher CreateOutboxDispatcher(
        CascadeQueue cascades, IOptions<LifecycleOptions> options, ILogger<OutboxDispatcher> log) => new(
        Store,
        Bus.Bus,
        cascades,
        new WorkReadyPublisher(Bus.Bus, NullLogger<WorkReadyPublisher>.Instance),
        Clock,
        options,
        new OutboxMetrics(Meters, Clock),
        log);

    /// <summary>Sends a command and returns the run of the reply.</summary>
    public async Task<RunSnapshot> Send<T>(T command, Guid? messageId = null)
        where T : class
    {
        using var request = Bus.GetRequestClient<T>().Create(command);
        request.UseExecute(context => context.MessageId = messageId ?? context.MessageId);
        return (await request.GetResponse<RunSnapshot>()).Message;
    }

    /// <summary>Sends a command and returns the code of its rejection.</summary>
    public async Task<string> SendRejected<T>(T command)
        where T : class => (await Bus.GetRequestClient<T>().GetResponse<RunRejected>(command)).Message.Code;

    /// <summary>
    /// The messages of a type that were published so far. The list of MassTransit's harness has each message id once,
    /// and would hide a message that was published twice.
    /// </summary>
    public IEnumerable<PublishContext<T>> GetPublished<T>()
        where T : class => _published.OfType<PublishContext<T>>();

    /// <summary>The stored run of the tenant <c>acme</c>; null if there is none.</summary>
    public Task<Run?> Find(string runId) => Store.Find(RunIds.ForRun("acme", runId), default);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private sealed class PublishRecorder(ConcurrentQueue<PublishContext> published) : IPublishObserver
    {
        public Task PrePublish<T>(PublishContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PostPublish<T>(PublishContext<T> context)
            where T : class
        {
            published.Enqueue(context);
            return Task.CompletedTask;
        }

        public Task PublishFault<T>(PublishContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }

    /// <summary>Finds sagas for the harness. The service's own repository does not support queries.</summary>
    private sealed class StoredSagas(ScriptedStore script, IRunStore store) : IQuerySagaRepository<RunSaga>
    {
        public async Task<IEnumerable<Guid>> Find(ISagaQuery<RunSaga> query)
        {
            var runs = await Task.WhenAll(script.InsertedIds.Select(id => store.Find(id, default)));
            return runs.OfType<Run>()
                .Select(run => new RunSaga { CorrelationId = run.Id, RunOrNull = run })
                .Where(query.FilterExpression.Compile())
                .Select(saga => saga.CorrelationId);
        }

        public void Probe(ProbeContext context)
        {
        }
    }
}
