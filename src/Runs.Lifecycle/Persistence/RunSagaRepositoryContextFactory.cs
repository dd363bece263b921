using System.Diagnostics;
using MassTransit;
using MassTransit.Saga;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The saga repository over <see cref="IRunStore"/>. For each message, the state machine decides on the stored run, the
/// run is written once, the reply is sent, and then the message is acknowledged. A create is decided as a new run and
/// inserted without a read. When the id exists, or after a concurrency conflict, the stored run is read and the state
/// machine decides again. A message that changes nothing writes nothing.
/// </summary>
/// <remarks>
/// <para>
/// For MassTransit users, what differs from a repository of the framework (docs/architecture.md has the reasons):
/// replies are sent by this repository after the save, instead of through <c>UseInMemoryOutbox</c>; a concurrency
/// conflict is a loop here, instead of a <c>ConcurrencyException</c> and a retry; messages to publish are stored in the
/// run's outbox and dispatched after the reply; the API's commands have a queue of their own, on which they arrive in
/// batches (<see cref="CommandBatchHandler"/>); sagas are never finalized.
/// </para>
/// <para>
/// Costs: a create is one insert, and reads of the parent and its ancestors where it has a parent; a duplicate is one
/// insert that fails and one read; any other command is one read and one replace. A store that does not answer is an
/// exception, which the endpoint's retry policy handles.
/// </para>
/// </remarks>
internal sealed partial class RunSagaRepositoryContextFactory(
    IRunStore store, IOutboxDispatcher outboxDispatcher, CascadeQueue cascadeQueue, TimeProvider clock,
    IOptions<LifecycleOptions> options, IOptions<ExecutionOptions> execution,
    ISagaConsumeContextFactory<IRunStore, RunSaga> sagaContexts, PublisherAudit audit, RunMetrics metrics, ILogger<RunStateMachine> logger,
    bool isCascaded = false, bool isInternal = false) : ISagaRepositoryContextFactory<RunSaga>
{
    public async Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<RunSaga, T>> next)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        metrics.RecordReceived(context);
        var request = CommandValidation.Validate(context.Message);
        var (tenant, runId) = RunReference.FromCommand(context.Message);
        using var scope = RunLogScope.Begin(logger, tenant, runId, typeof(T).Name, context.MessageId);

        // A first delivery of a create is most likely new. A redelivery most likely is not.
        var insertFirst = request is not null && !context.ReceiveContext.Redelivered && context.GetRetryAttempt() == 0;
        for (var attempt = 0; ; attempt++)
        {
            var sagas = new RunSagaRepositoryContext<T>(
                context, store, clock, options.Value, execution.Value, sagaContexts, request, insertFirst && attempt == 0, isCascaded,
                isInternal);
            try
            {
                await next.Send(sagas);
            }
            catch (StoreUnavailableException exception) when (exception.NothingWritten && context.ResponseAddress is not null)
            {
                await RejectStoreUnavailable(context, exception);
                return;
            }

            if (sagas.HasConflict || sagas.IsRejectedWithoutLoad)
            {
                metrics.RecordRetry(typeof(T), sagas.HasConflict, sagas.PreviousState);
                await DelayRetry(attempt, context.CancellationToken);
                continue;
            }

            await ReplyAndEnqueue(context, sagas, watch.Elapsed);
            return;
        }
    }

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<RunSaga> query, IPipe<SagaRepositoryQueryContext<RunSaga, T>> next)
        where T : class => throw new NotSupportedException("Runs are correlated by id only.");

    public void Probe(ProbeContext context) => context.CreateScope("runRepository");

    // The sender waits for a reply and can retry. A command without a response address is held until the store is
    // available.
    private async Task RejectStoreUnavailable<T>(ConsumeContext<T> context, StoreUnavailableException exception)
        where T : class
    {
        var run = RunReference.FromCommand(context.Message);
        AuditRejection(context, RejectionCodes.StoreUnavailable);
        LogRejected(exception, typeof(T).Name, run.RunId);
        await Respond(context, RunMessages.CreateRejection(
            run, RejectionCodes.StoreUnavailable, "The run store cannot be written now. Nothing was stored."));
    }

    private async Task ReplyAndEnqueue<T>(ConsumeContext<T> context, RunSagaRepositoryContext<T> sagas, TimeSpan elapsed)
        where T : class
    {
        metrics.RecordDecision(context, sagas.SavedRun, sagas.PreviousState, sagas.Reply);
        if (context.Message is RunDue && sagas is { SavedRun: not null, PreviousDueAt: { } dueAt })
        {
            metrics.RecordTimer(dueAt);
        }

        if (sagas.SavedRun is { } saved)
        {
            audit.RecordChange(saved);
            if (RunStateNames.GetValue(saved) is var state && state != sagas.PreviousState)
            {
                LogTransition(saved.RunId, sagas.PreviousState ?? "new", state);
            }
        }
        else if (sagas.RejectionCode is { } code)
        {
            AuditRejection(context, code);
        }

        try
        {
            // Without a response address, RespondAsync would publish the reply.
            if (sagas.Reply is { } reply && context.ResponseAddress is not null)
            {
                await Respond(context, reply is RunSnapshot snapshot
                    ? snapshot with { StoreMs = sagas.StoreDuration.TotalMilliseconds, SagaMs = elapsed.TotalMilliseconds }
                    : reply);
            }
        }
        finally
        {
            // After the reply, because its sender waits for it, and also when it could not be sent.
            if (context.TryGetPayload<BatchedCommandContext>(out var batched))
            {
                batched.AfterReply = () => Enqueue(sagas.SavedRun, sagas.RestartedCascade);
            }
            else
            {
                Enqueue(sagas.SavedRun, sagas.RestartedCascade);
            }
        }
    }

    private void Enqueue(Run? saved, CancellationCascade? restarted)
    {
        if (saved is { Outbox.Count: > 0 })
        {
            outboxDispatcher.Enqueue(saved);
        }

        if (restarted is { } cascade)
        {
            cascadeQueue.Enqueue(cascade);
        }
    }

    private static Task Respond<T>(ConsumeContext<T> context, object reply)
        where T : class
    {
        if (!context.TryGetPayload<BatchedCommandContext>(out var batched))
        {
            return context.RespondAsync(reply);
        }

        batched.Reply = reply;
        return Task.CompletedTask;
    }

    private void AuditRejection<T>(ConsumeContext<T> context, string code)
        where T : class
    {
        if (!isCascaded && !isInternal && context.Message is not RunDue && !RunChanges.IsFromApi(context.ReceiveContext))
        {
            audit.RecordRejection(context.Message, context.MessageId, code);
        }
    }

    // The other write has completed by now, so the first attempt needs no delay. Jitter separates many writers.
    private static Task DelayRetry(int attempt, CancellationToken cancellationToken) =>
        attempt == 0
            ? Task.CompletedTask
            : JitteredBackoff.Delay(attempt, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(320), cancellationToken);

    [LoggerMessage(LogLevel.Warning, "{Command} for run {RunId} was rejected: the store cannot be written")]
    private partial void LogRejected(Exception exception, string command, string runId);

    [LoggerMessage(LogLevel.Information, "Run {RunId} {From} -> {To}")]
    private partial void LogTransition(string runId, string from, string to);
}
