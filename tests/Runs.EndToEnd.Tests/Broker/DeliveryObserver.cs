using MassTransit;
using MassTransit.RabbitMqTransport;
using Runs.Lifecycle;

namespace Runs.EndToEnd.Tests;

/// <summary>Counts how deliveries ended.</summary>
public sealed class DeliveryObserver : IReceiveObserver
{
    private int _returned;
    private int _lateReplies;
    private int _failedReplies;

    /// <summary>Commands that were returned to the broker.</summary>
    public int ReturnedCommands => Volatile.Read(ref _returned);

    /// <summary>Replies that arrived after the reply timeout.</summary>
    public int LateReplies => Volatile.Read(ref _lateReplies);

    /// <summary>Replies whose handling failed.</summary>
    public int FailedReplies => Volatile.Read(ref _failedReplies);

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context)
    {
        if (IsReply(context) && !context.IsDelivered)
        {
            Interlocked.Increment(ref _lateReplies);
        }

        return Task.CompletedTask;
    }

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;

    public Task ReceiveFault(ReceiveContext context, Exception exception)
    {
        if (IsReply(context))
        {
            Interlocked.Increment(ref _failedReplies);
        }
        else if (exception is HoldTimeExceededException)
        {
            Interlocked.Increment(ref _returned);
        }

        return Task.CompletedTask;
    }

    private static bool IsReply(ReceiveContext context) =>
        context.InputAddress.AbsolutePath.EndsWith(RabbitMqExchangeNames.ReplyTo, StringComparison.Ordinal);
}
