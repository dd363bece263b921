using System.Diagnostics;
using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The saga repository over <see cref="IRunStore"/>. For each message: let the machine decide on the stored run, write once, answer, and only then let
/// the message be acknowledged. A create is decided on a new run and inserted without looking; where the id is taken, and where another writer
/// was faster, the stored run is read and the machine decides again. What changes nothing writes nothing.
/// </summary>
/// <remarks>
/// Costs: a create is one insert, and a read of the parent where it has one; a duplicate one insert that fails and one read, any other command one read and one replace. A store that does not
/// answer is an exception that the endpoint's retry meets; nothing is swallowed here.
/// </remarks>
internal sealed partial class RunRepositoryContextFactory(
    IRunStore store, IOutboxDispatcher outbox, CascadeQueue cascades, TimeProvider clock, IOptions<LifecycleOptions> options,
    ISagaConsumeContextFactory<IRunStore, RunState> sagas, PublisherAudit audit, ILogger<RunStateMachine> logger, bool isCascade = false)
    : ISagaRepositoryContextFactory<RunState>
{
    public async Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<RunState, T>> next)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        var request = MessageRules.Check(context.Message);

        // A first delivery of a create is most likely new. A redelivery most likely is not.
        var insertFirst = request is not null && !context.ReceiveContext.Redelivered && context.GetRetryAttempt() == 0;
        for (var attempt = 0; ; attempt++)
        {
            var decision = new RunRepositoryContext<T>(context, store, clock, options.Value, sagas, request, insertFirst && attempt == 0, isCascade);
            try
            {
                await next.Send(decision);
            }
            catch (StoreUnavailableException refused) when (refused.NothingWritten && context.ResponseAddress is not null)
            {
                await Refuse(context, refused);
                return;
            }

            if (decision.LostRace || decision.IsRefusalWithoutLooking)
            {
                await Backoff(attempt, context.CancellationToken);
                continue;
            }

            await Answer(context, decision, watch.Elapsed);
            return;
        }
    }

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<RunState> query, IPipe<SagaRepositoryQueryContext<RunState, T>> next)
        where T : class => throw new NotSupportedException("Runs are correlated by id only.");

    public void Probe(ProbeContext context) => context.CreateScope("runRepository");

    // The sender waits for a reply and can retry. A command without a reply address is held until the store is back.
    private async Task Refuse<T>(ConsumeContext<T> context, StoreUnavailableException refused)
        where T : class
    {
        var address = RunAddress.Of(context.Message);
        AuditRefusal(context, RefusalCodes.StoreUnavailable);
        LogRefused(refused, typeof(T).Name, address.RunId);
        await context.RespondAsync(new RunRefused
        {
            Tenant = address.Tenant,
            RunId = address.RunId,
            Code = RefusalCodes.StoreUnavailable,
            Detail = "The run store cannot be written now. Nothing was stored.",
        });
    }

    private async Task Answer<T>(ConsumeContext<T> context, RunRepositoryContext<T> decision, TimeSpan elapsed)
        where T : class
    {
        if (decision.Written is { } changed)
        {
            audit.Log(changed);
            if (changed.Status != decision.StatusBefore)
            {
                LogTransition(changed.RunId, decision.StatusBefore ?? "new", changed.Status);
            }
        }
        else if (decision.RefusalCode is { } code)
        {
            AuditRefusal(context, code);
        }

        try
        {
            // Asking first: a reply to a message that was no request would be published.
            if (decision.Reply is { } reply && context.ResponseAddress is not null)
            {
                await context.RespondAsync(reply is RunSnapshot snapshot
                    ? snapshot with { StoreMs = decision.StoreTime.TotalMilliseconds, SagaMs = elapsed.TotalMilliseconds }
                    : reply);
            }
        }
        finally
        {
            // What the write recorded is sent after the answer, which somebody waits for, and whatever became of it.
            if (decision.Written is { Outbox.Count: > 0 } written)
            {
                outbox.Offer(written);
            }

            if (decision.ResumedCascade is { } cascade)
            {
                cascades.Offer(cascade);
            }
        }
    }

    private void AuditRefusal<T>(ConsumeContext<T> context, string code)
        where T : class
    {
        if (!isCascade && context.Message is not RunDue && !RunChanges.IsFromApi(context.ReceiveContext))
        {
            audit.LogRefused(context.Message, context.MessageId, code);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Command} for run {RunId} was refused, as the store cannot be written")]
    private partial void LogRefused(Exception exception, string command, string runId);

    [LoggerMessage(LogLevel.Information, "Run {RunId} {From} -> {To}")]
    private partial void LogTransition(string runId, string from, string to);

    // The winner's write is done when the loser hears of it, so the first new look comes at once; jitter only parts a crowd.
    private Task Backoff(int attempt, CancellationToken cancellationToken) =>
        attempt == 0
            ? Task.CompletedTask
            : Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 5 << Math.Min(attempt, 6))), clock, cancellationToken);
}

/// <summary>One decision on one run: MassTransit asks for the instance here and hands it back when the machine is done with it.</summary>
internal sealed class RunRepositoryContext<T>(
    ConsumeContext<T> context, IRunStore store, TimeProvider clock, LifecycleOptions options,
    ISagaConsumeContextFactory<IRunStore, RunState> sagas, RunRequest? request, bool insertFirst, bool isCascade)
    : ConsumeContextScope<T>(context), SagaRepositoryContext<RunState, T>
    where T : class
{
    private readonly ConsumeContext<T> _context = context;
    private RunState? _state;
    private RunStamp _read;

    /// <summary>Whether somebody else wrote the run first; then nothing was written and the decision is void.</summary>
    public bool LostRace { get; private set; }

    /// <summary>
    /// Whether a create was refused as if it were new, and nobody has looked yet whether its run is there: what its parent has become since makes no repeat wrong.
    /// </summary>
    public bool IsRefusalWithoutLooking => insertFirst && !LostRace && Written is null;

    /// <summary>The cascade that is to go on, or null.</summary>
    public Cascade? ResumedCascade => _state is { ResumesCascade: true, Run: { } run }
        ? new Cascade(run.Tenant, run.RunId, null, run.Outbox.Find(message => message.Type == nameof(CancelDescendants))?.MessageId)
        : null;

    /// <summary>The run as it was written, or null when nothing was.</summary>
    public Run? Written { get; private set; }

    /// <summary>The stored status that the decision started from; null when there was no run.</summary>
    public string? StatusBefore { get; private set; }

    /// <summary>How long the store took.</summary>
    public TimeSpan StoreTime { get; private set; }

    /// <summary>What the machine wants the sender to be told.</summary>
    public object? Reply => _state?.Reply;

    /// <summary>Why the command was refused, or null. A command without a run does not reach the machine.</summary>
    public string? RefusalCode => _state is null ? RefusalCodes.RunNotFound : (_state.Reply as RunRefused)?.Code;

    public async Task<SagaConsumeContext<RunState, T>> Load(Guid correlationId)
    {
        if (insertFirst)
        {
            return null!;
        }

        var run = await Timed(store.Find(correlationId, CancellationToken));
        if (run is null or { Status: Run.CalledOff } && _context.Message is not CreateRun)
        {
            run = await Timed(store.FindLatest(correlationId, CancellationToken)); // no write would notice that a run was overlooked
        }

        return run is null ? null! : await Instance(new RunState { CorrelationId = correlationId, Stored = run }, SagaConsumeContextMode.Load);
    }

    public Task<SagaConsumeContext<RunState, T>> Add(RunState instance) => Instance(instance, SagaConsumeContextMode.Add);

    public async Task Save(SagaConsumeContext<RunState> sagaContext)
    {
        if (sagaContext.Saga is { Changed: true, Stored: { } run })
        {
            run.Version = 1;
            RecordChange(run);
            await Conclude(run, store.TryInsert(run, CancellationToken));
        }
    }

    public async Task Update(SagaConsumeContext<RunState> sagaContext)
    {
        if (sagaContext.Saga is { Changed: true, Stored: { } run })
        {
            run.Version = _read.Version + 1;
            RecordChange(run);
            await Conclude(run, store.TryReplace(run, _read, CancellationToken));
        }
    }

    public Task Discard(SagaConsumeContext<RunState> sagaContext) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<RunState> sagaContext) => Task.CompletedTask;

    public Task Delete(SagaConsumeContext<RunState> sagaContext) => throw new NotSupportedException("Runs are kept: they recognize late duplicates.");

    public Task<SagaConsumeContext<RunState, T>> Insert(RunState instance) => throw new NotSupportedException("A run is inserted once, when it has been decided.");

    public Task<SagaConsumeContext<RunState, TMessage>> CreateSagaConsumeContext<TMessage>(
        ConsumeContext<TMessage> consumeContext, RunState instance, SagaConsumeContextMode mode)
        where TMessage : class => sagas.CreateSagaConsumeContext(store, consumeContext, instance, mode);

    private async Task<SagaConsumeContext<RunState, T>> Instance(RunState state, SagaConsumeContextMode mode)
    {
        state.Now = UtcMilliseconds.Truncate(clock.GetUtcNow());
        if (state.Stored is { } run)
        {
            StatusBefore = run.Status;
            _read = RunStamp.Of(run);
            state.Now = Latest(state.Now, run.UpdatedAt, run.LatestEventAt ?? run.UpdatedAt);
        }

        if (_context.Message is CreateRun { ParentRunId: { } parent } command && state.Stored is null or { Status: Run.CalledOff })
        {
            var id = RunKey.Of(command.Tenant, parent);
            state.Parent = await Timed(store.FindHead(id, CancellationToken));
            if (state.Parent is null or { Status: Run.CalledOff })
            {
                state.Parent = await Timed(store.FindLatest(id, CancellationToken));
            }

            state.HasCancelledAncestor = await Timed(store.IsCancelled(state.Parent, CancellationToken));
        }

        state.MessageId = _context.MessageId ?? Guid.Empty;
        state.HasReplyAddress = _context.ResponseAddress is not null;
        state.Address = RunAddress.Of(_context.Message);
        state.Request = request;
        state.ReservationLifetime = options.ReservationLifetime;
        state.MaxTreeDepth = options.MaxTreeDepth;
        state.IsCascade = isCascade;
        _state = state;
        return await sagas.CreateSagaConsumeContext(store, _context, state, mode);
    }

    private static DateTimeOffset Latest(params ReadOnlySpan<DateTimeOffset> times)
    {
        var latest = times[0];
        foreach (var time in times)
        {
            latest = time > latest ? time : latest;
        }

        return latest;
    }

    private void RecordChange(Run run)
    {
        run.ChangedBy.Add(RunChanges.Create(_context, _context.Message, _state!, StatusBefore, run.Status));
        run.ChangedBy.RemoveRange(0, Math.Max(0, run.ChangedBy.Count - RunChange.MaxKept));
    }

    private async Task Conclude(Run run, Task<bool> write)
    {
        LostRace = !await Timed(write);
        Written = LostRace ? null : run;
    }

    private async Task<TResult> Timed<TResult>(Task<TResult> call)
    {
        var started = Stopwatch.GetTimestamp();
        var result = await call;
        StoreTime += Stopwatch.GetElapsedTime(started);
        return result;
    }
}
