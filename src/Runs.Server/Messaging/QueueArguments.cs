using MassTransit;

namespace Runs.Server.Messaging;

/// <summary>
/// The arguments of the durable queues. RabbitMQ compares them whenever a queue is declared (406 PRECONDITION_FAILED),
/// so they cannot be changed after a release. See docs/adr/0001-quorum-queues-for-commands.md.
/// </summary>
internal static class QueueArguments
{
    /// <summary>The queue of commands that the broker dead-letters, and the exchange in front of it.</summary>
    public const string DeadLetterQueue = "runs-dead-letters";

    private static readonly string[] CommandQueueArguments =
        ["x-delivery-limit", "x-dead-letter-exchange", "x-dead-letter-routing-key", "x-dead-letter-strategy", "x-consumer-timeout"];

    /// <summary>
    /// Arguments of a command queue. It is replicated, and a command leaves it only after it was handled or is stored
    /// in the dead-letter queue. A lost connection counts as a delivery for all prefetched messages, so the limit is
    /// 100 deliveries instead of the broker's 20.
    /// </summary>
    public static void SetCommandQueueArguments(this IRabbitMqReceiveEndpointConfigurator queue)
    {
        queue.SetQuorumQueue();
        queue.BindDeadLetterQueue(DeadLetterQueue, DeadLetterQueue, deadLetters => deadLetters.SetBoundedQueueArguments());
        queue.SetQueueArgument("x-delivery-limit", 100);
        queue.SetQueueArgument("x-dead-letter-strategy", "at-least-once");
        queue.SetQueueArgument("x-overflow", "reject-publish"); // required by at-least-once; the queue has no maximum length
        // Longer than a command is held while the store is unavailable.
        queue.SetQueueArgument("x-consumer-timeout", TimeSpan.FromMinutes(30));
    }

    /// <summary>
    /// Arguments of a bounded queue, at whose limit the oldest message is dropped: for messages that wait for an
    /// operator (dead letters, errors, skipped messages) and must not fill the broker's disk, and for events that are a
    /// hint. Rejecting the newest would leave a bad message in the command queue, where it would be redelivered again
    /// and again.
    /// </summary>
    public static void SetBoundedQueueArguments(this IRabbitMqQueueConfigurator queue)
    {
        foreach (var argument in CommandQueueArguments)
        {
            queue.SetQueueArgument(argument, null); // MassTransit copies the arguments of the source queue
        }

        queue.SetQuorumQueue();
        queue.SetQueueArgument("x-overflow", "drop-head");
        queue.SetQueueArgument("x-max-length", 100_000);
        queue.SetQueueArgument("x-max-length-bytes", 1024L * 1024 * 1024);
    }
}
