using MassTransit;
using MassTransit.Context;

namespace Runs.Lifecycle;

/// <summary>
/// The message context of one command of a batch. It has the command's own message id and type, keeps the reply for the
/// batch, and reports neither the end of the command nor its fault to the bus.
/// </summary>
internal sealed class BatchedCommandContext(ConsumeContext batch, Guid messageId, object command) : ConsumeContextScope(batch)
{
    /// <summary>The reply; null until the command was handled, and if its sender needs none.</summary>
    public object? Reply { get; set; }

    /// <summary>What follows the reply: it enqueues the messages of the saved run. Null if there are none.</summary>
    public Action? AfterReply { get; set; }

    public override Guid? MessageId => messageId;

    public override IEnumerable<string> SupportedMessageTypes => [MessageUrn.ForTypeString(command.GetType())];

    public override bool HasMessageType(Type messageType) => messageType.IsInstanceOfType(command);

    public override bool TryGetMessage<T>(out ConsumeContext<T> consumeContext)
    {
        consumeContext = command is T message ? new MessageConsumeContext<T>(this, message) : null!;
        return consumeContext is not null;
    }

    // The batch reports its own end, and its faults are replies.
    public override Task NotifyConsumed<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) => Task.CompletedTask;

    public override Task NotifyFaulted<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) =>
        Task.CompletedTask;
}
