using System.Diagnostics;
using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// One attempt to handle one message: MassTransit loads the saga here and saves it after the state machine has handled
/// the message.
/// </summary>
internal sealed class RunSagaRepositoryContext<T>(
    ConsumeContext<T> context, IRunStore store, TimeProvider clock, LifecycleOptions options, ExecutionOptions execution,
    ISagaConsumeContextFactory<IRunStore, RunSaga> sagaContexts, RunRequest? request, bool insertFirst, bool isCascaded,
    bool isInternal)
    : ConsumeContextScope<T>(context), SagaRepositoryContext<RunSaga, T>
    where T : class
{
    private readonly ConsumeContext<T> _context = context;
    private RunSaga? _saga;
    private RunMessageContext? _messageContext;
    private RunVersion _loadedVersion;

    /// <summary>
    /// Whether the write failed with a concurrency conflict. In that case nothing was written, and the message is
    /// handled again.
    /// </summary>
    public bool HasConflict { get; private set; }

    /// <summary>
    /// Whether a create was rejected as a new one before its run was loaded. If the run exists, the create is a
    /// duplicate, regardless of the state of its parent.
    /// </summary>
    public bool IsRejectedWithoutLoad => insertFirst && !HasConflict && SavedRun is null;

    /// <summary>The cascade to start again, or null.</summary>
    public CancellationCascade? RestartedCascade
    {
        get
        {
            if (_messageContext is not { RestartsCascade: true } || _saga is not { Run: var run })
            {
                return null;
            }

            var message = run.Outbox.Find(message => message.Type == nameof(CancelDescendants));
            return new CancellationCascade(run.Tenant, run.RunId, null, message?.MessageId);
        }
    }

    /// <summary>The saved run, or null when nothing was written.</summary>
    public Run? SavedRun { get; private set; }

    /// <summary>The state before the message, as it is stored; null if there was no run.</summary>
    public string? PreviousState { get; private set; }

    /// <summary>When the timer of the run was due before the message; null if it had none.</summary>
    public DateTimeOffset? PreviousDueAt { get; private set; }

    /// <summary>The total duration of the store calls.</summary>
    public TimeSpan StoreDuration { get; private set; }

    /// <summary>The reply to the sender, or null.</summary>
    /// <remarks>A command without a run does not reach the state machine.</remarks>
    public object? Reply => _messageContext is null
        ? RunMessages.CreateNotFound(RunReference.FromCommand(_context.Message))
        : _messageContext.Reply;

    /// <summary>The code of the rejection, or null.</summary>
    public string? RejectionCode => (Reply as RunRejected)?.Code;

    public async Task<SagaConsumeContext<RunSaga, T>> Load(Guid correlationId)
    {
        if (insertFirst)
        {
            return null!;
        }

        var run = await Measure(store.Find(correlationId, CancellationToken));
        if (run is null or { Status: Run.CancellationPending } && _context.Message is not CreateRun)
        {
            // No later write would detect that the read missed a run.
            run = await Measure(store.FindLinearizable(correlationId, CancellationToken));
        }

        return run is null
            ? null!
            : await CreateSagaContext(new RunSaga { CorrelationId = correlationId, RunOrNull = run }, SagaConsumeContextMode.Load);
    }

    public Task<SagaConsumeContext<RunSaga, T>> Add(RunSaga instance) => CreateSagaContext(instance, SagaConsumeContextMode.Add);

    public async Task Save(SagaConsumeContext<RunSaga> sagaContext)
    {
        EnsureReply(sagaContext);
        if (_messageContext!.HasChanges && sagaContext.Saga.RunOrNull is { } run)
        {
            run.Version = 1;
            CompleteChange(run);
            await CompleteWrite(run, store.TryInsert(run, CancellationToken));
        }
    }

    public async Task Update(SagaConsumeContext<RunSaga> sagaContext)
    {
        EnsureReply(sagaContext);
        if (sagaContext.Saga.RunOrNull is { } run && (_messageContext!.HasChanges || IsDueAtOutdated(run)))
        {
            run.Version = _loadedVersion.Version + 1;
            CompleteChange(run);
            await CompleteWrite(run, store.TryReplace(run, _loadedVersion, CancellationToken));
        }
    }

    public Task Discard(SagaConsumeContext<RunSaga> sagaContext) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<RunSaga> sagaContext) => Task.CompletedTask;

    public Task Delete(SagaConsumeContext<RunSaga> sagaContext) =>
        throw new NotSupportedException("Runs are not deleted: they detect late duplicates.");

    public Task<SagaConsumeContext<RunSaga, T>> Insert(RunSaga instance) =>
        throw new NotSupportedException("A run is inserted by Save, after the state machine has decided.");

    public Task<SagaConsumeContext<RunSaga, TMessage>> CreateSagaConsumeContext<TMessage>(
        ConsumeContext<TMessage> consumeContext, RunSaga instance, SagaConsumeContextMode mode)
        where TMessage : class => sagaContexts.CreateSagaConsumeContext(store, consumeContext, instance, mode);

    private async Task<SagaConsumeContext<RunSaga, T>> CreateSagaContext(RunSaga saga, SagaConsumeContextMode mode)
    {
        var hostTime = clock.GetUtcNow().TruncateToMilliseconds();
        var now = hostTime;
        if (saga.RunOrNull is { } run)
        {
            (PreviousState, PreviousDueAt) = (RunStateNames.GetValue(run), run.DueAt);
            _loadedVersion = RunVersion.From(run);
            now = Max(now, Max(run.UpdatedAt, run.LatestEventAt ?? run.UpdatedAt));
            FormerDocuments.Complete(run);
        }

        var parent = await FindParent(saga.RunOrNull);
        var messageContext = new RunMessageContext
        {
            Reference = RunReference.FromCommand(_context.Message),
            Now = now,
            HostTime = hostTime,
            MessageId = _context.MessageId,
            HasResponseAddress = _context.ResponseAddress is not null,
            IsCascaded = isCascaded,
            IsInternal = isInternal,
            Request = request,
            Parent = parent,
            HasCancelledAncestor = parent is not null && await Measure(store.IsInCancelledTree(parent, CancellationToken)),
            ReservationLifetime = options.ReservationLifetime,
            MaxTreeDepth = options.MaxTreeDepth,
            Execution = execution,
        };
        (_saga, _messageContext) = (saga, messageContext);
        var sagaContext = await sagaContexts.CreateSagaConsumeContext(store, _context, saga, mode);
        sagaContext.AddOrUpdatePayload(() => messageContext, _ => messageContext);
        return sagaContext;
    }

    // Only a create that may be new needs its parent.
    private async Task<Run?> FindParent(Run? run)
    {
        if (_context.Message is not CreateRun { ParentRunId: { } parentRunId } command || run is { Status: not Run.CancellationPending })
        {
            return null;
        }

        var id = RunIds.ForRun(command.Tenant, parentRunId);
        return await Measure(store.FindWithoutPayload(id, CancellationToken)) is { Status: not Run.CancellationPending } parent
            ? parent
            : await Measure(store.FindLinearizable(id, CancellationToken));
    }

    // A missing guard must cause a visible fault. Otherwise the command would be acknowledged and the sender would wait
    // until its timeout.
    private void EnsureReply(SagaConsumeContext<RunSaga> sagaContext)
    {
        if (_messageContext is { Reply: null, NeedsNoReply: false } && _context.Message is not RunDue)
        {
            throw new UnreachableException(
                $"{typeof(T).Name} was not handled in the state {sagaContext.Saga.CurrentState} of run {_messageContext.Reference.RunId}.");
        }
    }

    private static DateTimeOffset Max(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    // The stored time was computed with other settings. Without a later one, the run would be sent to the state machine
    // again and again, and hide others that are due.
    private bool IsDueAtOutdated(Run run) => _context.Message is RunDue && run.DueAt <= _messageContext!.Now;

    // What every change of a run has in common.
    private void CompleteChange(Run run)
    {
        run.DueAt = RunTimers.GetDueAt(run, execution);
        run.Changes.Add(RunChanges.Create(_context, _context.Message, _messageContext!, PreviousState, RunStateNames.GetValue(run)));
        run.Changes.KeepLatest(RunChange.MaxPerRun);
    }

    private async Task CompleteWrite(Run run, Task<bool> write)
    {
        HasConflict = !await Measure(write);
        SavedRun = HasConflict ? null : run;
    }

    private async Task<TResult> Measure<TResult>(Task<TResult> call)
    {
        var started = Stopwatch.GetTimestamp();
        var result = await call;
        StoreDuration += Stopwatch.GetElapsedTime(started);
        return result;
    }
}
