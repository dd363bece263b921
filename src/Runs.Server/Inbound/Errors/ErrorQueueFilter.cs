using System.Runtime.ExceptionServices;
using MassTransit;
using MassTransit.Events;
using MassTransit.Metadata;
using MassTransit.Transports;
using Runs.Contracts;
using Runs.Lifecycle;

namespace Runs.Server.Inbound;

/// <summary>
/// Handles messages that cannot be processed: sends a fault to the sender if it requested a reply, and a copy with the
/// cause to the error queue. The copy differs from the original message: the broker rejects some properties that a
/// publisher may set (a foreign <c>user_id</c>) when the service sends them, and closes the channel of all commands.
/// </summary>
internal sealed partial class ErrorQueueFilter(PublisherAudit audit, ILogger<ErrorQueueFilter> logger) : IFilter<ExceptionReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("errorQueue");

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (context.Exception is HoldTimeExceededException)
        {
            // A delivery that fails here is not acknowledged. RabbitMQ 4.3 and later redelivers it without counting it
            // as failed.
            ExceptionDispatchInfo.Throw(context.Exception);
        }

        var message = context.TryGetPayload<MessageDescription>(out var description) ? description : new MessageDescription();
        var isInvalid = context.Exception.GetBaseException() is InvalidMessageException;
        if (!context.IsFaulted) // the saga has already sent the fault
        {
            var cause = PublicFault.GetPublicCause(context.Exception);
            LogMovedToErrorQueue(context.InputAddress.AbsolutePath, cause, isInvalid ? null : context.Exception);
            await TrySendFault(context, message);
        }

        if (message.IsFromPublisher && isInvalid)
        {
            audit.RecordInvalidMessage(message.User, message.Type, message.Command);
        }

        if (!context.TryGetPayload<IErrorTransport>(out var transport))
        {
            throw new TransportException(context.InputAddress, "There is no error queue.");
        }

        await transport.Send(new ErrorQueueReceiveContext(context, message));
        if (!context.IsFaulted)
        {
            await context.NotifyFaulted(context.Exception); // otherwise MassTransit also moves it to the queue of skipped messages
        }

        await next.Send(context);
    }

    // A fault that cannot be sent is lost. The copy must not be lost.
    private async Task TrySendFault(ExceptionReceiveContext context, MessageDescription message)
    {
        if (message.Target.FaultAddress is not { } address)
        {
            return;
        }

        try
        {
            // A MassTransit client waits for a fault of the type that it sent. For other clients the type has no
            // meaning.
            var command = message.Type ?? typeof(CreateRun);
            var faultFactory = (IFaultFactory)Activator.CreateInstance(typeof(FaultFactory<>).MakeGenericType(command))!;
            var endpoint = await new ReplySendEndpointProvider(context.SendEndpointProvider, message.Target).GetSendEndpoint(address);
            await endpoint.Send(
                faultFactory.Create(context.Exception), typeof(Fault<>).MakeGenericType(command),
                Pipe.Execute<SendContext>(send => send.RequestId = message.Target.RequestId), context.CancellationToken);
        }
        catch (Exception exception) when (!context.CancellationToken.IsCancellationRequested)
        {
            LogSendFaultFailed(exception);
        }
    }

    private interface IFaultFactory
    {
        object Create(Exception exception);
    }

    private sealed class FaultFactory<T> : IFaultFactory
        where T : class
    {
        public object Create(Exception exception) =>
            new FaultEvent<T>(null!, null, HostMetadataCache.Empty, exception, [MessageUrn.ForTypeString<T>()]);
    }

    [LoggerMessage(LogLevel.Warning, "A message on {Queue} was moved to the error queue: {Cause}")]
    private partial void LogMovedToErrorQueue(string queue, string cause, Exception? exception);

    [LoggerMessage(LogLevel.Warning, "Failed to send a fault to the sender of a rejected message")]
    private partial void LogSendFaultFailed(Exception exception);
}
