using System.Runtime.ExceptionServices;
using MassTransit;
using MassTransit.Events;
using MassTransit.Metadata;
using MassTransit.Transports;
using Runs.Contracts;
using Runs.Lifecycle;

namespace Runs.Server.Acceptance;

/// <summary>
/// What becomes of a message that cannot be handled: its sender is told, if it asked, and a copy goes to the error queue with the cause. The copy is not the message as it
/// came: the broker refuses some of what a publisher may write (a foreign <c>user_id</c>) when the service sends it, and closes the channel of all commands.
/// </summary>
internal sealed partial class ErrorQueueFilter(PublisherAudit audit, ILogger<ErrorQueueFilter> logger) : IFilter<ExceptionReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("errorQueue");

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (context.Exception is HeldTooLongException)
        {
            // A delivery that fails here is not acknowledged. RabbitMQ 4.3 and later delivers it again without counting it as failed.
            ExceptionDispatchInfo.Throw(context.Exception);
        }

        var known = context.TryGetPayload<MessageDescription>(out var description) ? description : new MessageDescription();
        var isInvalid = context.Exception.GetBaseException() is InvalidMessageException;
        if (!context.IsFaulted) // a fault of the saga's was answered where it happened
        {
            LogRejected(context.InputAddress.AbsolutePath, PublicFault.CauseOf(context.Exception), isInvalid ? null : context.Exception);
            await TryAnswer(context, known);
        }

        if (known.IsFromPublisher && isInvalid)
        {
            audit.LogRejected(known.User, known.Type, known.Command);
        }

        if (!context.TryGetPayload<IErrorTransport>(out var transport))
        {
            throw new TransportException(context.InputAddress, "There is no error queue.");
        }

        await transport.Send(new ErrorCopy(context, known));
        if (!context.IsFaulted)
        {
            await context.NotifyFaulted(context.Exception); // or MassTransit moves it to the queue of skipped messages, too
        }

        await next.Send(context);
    }

    // An answer that cannot be sent is lost; the copy must not be.
    private async Task TryAnswer(ExceptionReceiveContext context, MessageDescription known)
    {
        if (known.Target.AddressOfFaults is not { } address)
        {
            return;
        }

        try
        {
            // MassTransit's clients wait for the fault of what they sent; to others its type means nothing.
            var command = known.Type ?? typeof(CreateRun);
            var rejection = (IRejection)Activator.CreateInstance(typeof(Rejection<>).MakeGenericType(command))!;
            var endpoint = await new ReplyEndpoints(context.SendEndpointProvider, known.Target).GetSendEndpoint(address);
            await endpoint.Send(
                rejection.Of(context.Exception), typeof(Fault<>).MakeGenericType(command),
                Pipe.Execute<SendContext>(send => send.RequestId = known.Target.RequestId), context.CancellationToken);
        }
        catch (Exception exception) when (!context.CancellationToken.IsCancellationRequested)
        {
            LogNotAnswered(exception);
        }
    }

    private interface IRejection
    {
        object Of(Exception exception);
    }

    private sealed class Rejection<T> : IRejection
        where T : class
    {
        public object Of(Exception exception) => new FaultEvent<T>(null!, null, HostMetadataCache.Empty, exception, [MessageUrn.ForTypeString<T>()]);
    }

    [LoggerMessage(LogLevel.Warning, "A message on {Queue} was moved to the error queue: {Cause}")]
    private partial void LogRejected(string queue, string cause, Exception? exception);

    [LoggerMessage(LogLevel.Warning, "The sender of a rejected message could not be answered")]
    private partial void LogNotAnswered(Exception exception);
}
