using System.Diagnostics;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Handles the commands of a batch at the same time, each as if it had arrived alone: the same state machine and the
/// same repository, one decision, one write and one reply for each.
/// </summary>
/// <remarks>
/// A batch is acknowledged after all of its commands were answered. After a crash the broker redelivers all of it, and
/// each command is recognized by its own message id. While the store is unavailable, the commands that it affects are
/// tried again, as single commands are (<see cref="StoreRetryPolicy"/>), and leave the batch after
/// <see cref="MaxBatchHoldTime"/>; the others are answered. The messages of a saved run are enqueued for publishing
/// after the reply that answers its command, or when the batch ends without that reply.
/// </remarks>
internal sealed partial class CommandBatchHandler : IDisposable
{
    /// <summary>
    /// How long the first reply to a batch waits for slower commands. Each later command is answered when it is done.
    /// </summary>
    public static readonly TimeSpan ReplyWindow = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// How long a batch is held for commands that the store cannot execute; by default, callers wait as long.
    /// Afterwards each of these commands is sent as a single command, which is held alone. A later redelivery of the
    /// batch would execute the other commands again, and their runs may no longer recognize them.
    /// </summary>
    public static readonly TimeSpan MaxBatchHoldTime = TimeSpan.FromSeconds(10);

    private readonly IRunStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly IConsumePipe _pipe;
    private readonly SemaphoreSlim _slots;

    public CommandBatchHandler(
        IServiceProvider services, IRunStore store, RunStateMachine stateMachine, TimeProvider clock, IOptions<LifecycleOptions> options,
        ILogger<CommandBatchHandler> logger)
    {
        (_store, _clock, _logger) = (store, clock, logger);
        _slots = new SemaphoreSlim(options.Value.MaxConcurrentCommands);
        _pipe = new ConsumePipeSpecification().BuildConsumePipe();
        var repository = ActivatorUtilities.CreateInstance<RunSagaRepositoryContextFactory>(
            services, new SagaConsumeContextFactory<IRunStore, RunSaga>());
        _pipe.ConnectStateMachineSaga(stateMachine, new SagaRepository<RunSaga>(repository));
    }

    /// <summary>Handles a batch and answers all of its commands.</summary>
    public async Task Handle(ConsumeContext<CommandBatch> context)
    {
        if (context.Message.Commands is [UnreadableItem item])
        {
            throw new InvalidMessageException(item.Error); // the error queue keeps it with its cause
        }

        var progress = context.ReceiveContext.GetOrAddPayload(() => new BatchProgress(_clock.GetTimestamp()));
        var commands = Start(context, progress);
        var open = commands.ToList();
        Task allDone = Task.WhenAll(commands);
        await allDone.WaitAsync(ReplyWindow, _clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            while (open.Count > 0)
            {
                await Task.WhenAny(open);
                var done = open.Where(command => command.IsCompleted).ToList();
                open.RemoveAll(done.Contains);
                var replies = new List<EncodedReply>(done.Count);
                foreach (var command in done.Where(command => command.IsCompletedSuccessfully))
                {
                    replies.Add(await command);
                }

                await Respond(context, replies, progress);
            }
        }
        finally
        {
            // Also when a reply could not be sent: the batch must not be handled again while its commands are.
            await allDone.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var messageId in progress.AfterReply.Keys)
            {
                progress.RunAfterReply(messageId);
            }
        }

        // A command that was not answered fails the batch, so that its rest is tried again. A failure of the store
        // comes first: it is tried again for longer than others.
        await (commands.Find(command => command.Exception?.InnerException is StoreUnavailableException) ?? allDone);
    }

    public void Dispose() => _slots.Dispose();

    // Each command reaches its first call of the store before the first wait, so the store gets the inserts and the
    // reads together.
    private List<Task<EncodedReply>> Start(ConsumeContext<CommandBatch> context, BatchProgress progress)
    {
        using (_store.GatherCalls())
        {
            return [.. context.Message.Commands
                .Where(command => !progress.Replied.Contains(command.MessageId))
                .Select(item => item switch
                {
                    BatchedMessage command => HandleCommand(context, command, progress),
                    UnreadableItem unreadable => SendUnreadable(context, unreadable),
                    _ => throw new UnreachableException(),
                })];
        }
    }

    private async Task<EncodedReply> HandleCommand(ConsumeContext context, BatchedMessage command, BatchProgress progress)
    {
        var messageId = command.MessageId;
        await _slots.WaitAsync(context.CancellationToken);
        Activity? span = null;
        try
        {
            span = StartSpan(command);
            var handled = new BatchedCommandContext(context, messageId, command.Message);
            try
            {
                await _pipe.Send(handled);
            }
            finally
            {
                progress.AfterReply[messageId] = handled.AfterReply;
            }

            return new(messageId, handled.Reply is { } reply ? BatchFormat.Replies.WriteItem(messageId, reply) : default);
        }
        catch (StoreUnavailableException exception) when (_clock.GetElapsedTime(progress.StartedAt) >= MaxBatchHoldTime)
        {
            LogHeldAlone(exception, command.Message.GetType().Name, messageId);
            await SendAlone(context, messageId, command.Message);
            return new(messageId, default);
        }
        catch (Exception exception) when (exception is not StoreUnavailableException && !context.CancellationToken.IsCancellationRequested)
        {
            LogFailed(exception, command.Message.GetType().Name, messageId);
            span?.SetStatus(ActivityStatusCode.Error);
            await SendAlone(context, messageId, command.Message);
            var detail = exception is InvalidMessageException ? exception.Message : "The command could not be handled.";
            return new(messageId, BatchFormat.Replies.WriteItem(messageId, new CommandFailed(detail)));
        }
        finally
        {
            span?.Dispose();
            _slots.Release();
        }
    }

    // The span belongs to the trace of the command's caller, and links to the span of the batch.
    private static Activity? StartSpan(BatchedMessage command) =>
        command.TraceParent is { } parent && ActivityContext.TryParse(parent, null, isRemote: true, out var caller)
            ? RunsTelemetry.Source.StartActivity(
                $"handle {command.Message.GetType().Name}",
                ActivityKind.Consumer,
                caller,
                links: Activity.Current is { } batch ? [new ActivityLink(batch.Context)] : null)
            : null;

    // A command that cannot be read is sent unchanged, as the only command of a new batch, because a process of another
    // release may be able to read it. If none can, the error queue keeps it with its cause, and its caller gets the
    // fault.
    private async Task<EncodedReply> SendUnreadable(ConsumeContext context, UnreadableItem item)
    {
        LogUnreadable(item.MessageId, item.Error);
        await SendAlone(context, item.MessageId, new EncodedBatch(BatchFormat.Commands, [item.Json]));
        return new(item.MessageId, default);
    }

    // Sends a message alone on the queue of commands. If its handling fails, the error queue keeps it with its cause.
    // It keeps its response address, because a cancel without one also cancels a run that is created later. The API
    // ignores the reply.
    private static async Task SendAlone(ConsumeContext context, Guid messageId, object message)
    {
        var queue = await context.GetSendEndpoint(ApiCommandQueue.Address);
        var addresses = Pipe.Execute<SendContext>(send =>
        {
            (send.MessageId, send.RequestId) = (messageId, messageId);
            send.ResponseAddress = context.ResponseAddress;
        });
        await queue.Send(message, message.GetType(), addresses, context.CancellationToken);
    }

    private static async Task Respond(ConsumeContext context, List<EncodedReply> replies, BatchProgress progress)
    {
        try
        {
            if (context.ResponseAddress is not null)
            {
                var items = replies.Select(reply => reply.Json).Where(json => json.Length > 0);
                foreach (var batch in EncodedBatch.Split(BatchFormat.Replies, items))
                {
                    await context.RespondAsync(batch);
                }
            }

            progress.Replied.UnionWith(replies.Select(reply => reply.MessageId));
        }
        finally
        {
            replies.ForEach(reply => progress.RunAfterReply(reply.MessageId));
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Command} {MessageId} of a batch is held as a single command until the store is available")]
    private partial void LogHeldAlone(Exception exception, string command, Guid messageId);

    [LoggerMessage(LogLevel.Warning, "A command {MessageId} of a batch cannot be read and is sent again in a batch of one: {Cause}")]
    private partial void LogUnreadable(Guid messageId, string cause);

    [LoggerMessage(LogLevel.Error, "Failed to handle {Command} {MessageId} of a batch")]
    private partial void LogFailed(Exception exception, string command, Guid messageId);
}
