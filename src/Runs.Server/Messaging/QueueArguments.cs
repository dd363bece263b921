using MassTransit;

namespace Runs.Server.Messaging;

/// <summary>
/// The arguments of the durable queues. RabbitMQ compares them whenever a queue is declared (406 PRECONDITION_FAILED), so they cannot be changed after a release. See
/// docs/adr/0001-quorum-queues-for-commands.md.
/// </summary>
internal static class QueueArguments
{
    /// <summary>The queue of the commands that the broker gave up, and the exchange in front of it.</summary>
    public const string DeadLetters = "runs-dead-letters";

    /// <summary>
    /// A queue of commands: replicated, and a command leaves it only when it was handled or is safe among the dead letters. A lost connection counts as a delivery for all
    /// messages that were fetched, hence 100 deliveries instead of the broker's 20.
    /// </summary>
    public static void SetCommandQueue(this IRabbitMqReceiveEndpointConfigurator queue)
    {
        queue.SetQuorumQueue();
        queue.BindDeadLetterQueue(DeadLetters, DeadLetters, deadLetters => deadLetters.SetRetainedQueue());
        queue.SetQueueArgument("x-delivery-limit", 100);
        queue.SetQueueArgument("x-dead-letter-strategy", "at-least-once");
        queue.SetQueueArgument("x-overflow", "reject-publish"); // required by at-least-once; the queue has no maximum length
        queue.SetQueueArgument("x-consumer-timeout", TimeSpan.FromMinutes(30)); // longer than the retries of a command while the store is away
    }

    /// <summary>
    /// A queue of messages that wait for an operator: dead letters, errors, skipped messages. Bounded, so that bad messages cannot fill the broker's disk. At the limit the
    /// oldest goes: to reject the newest would leave it in the queue of commands, to be delivered again and again.
    /// </summary>
    public static void SetRetainedQueue(this IRabbitMqQueueConfigurator queue)
    {
        foreach (var copied in (string[])["x-delivery-limit", "x-dead-letter-exchange", "x-dead-letter-routing-key", "x-dead-letter-strategy", "x-consumer-timeout"])
        {
            queue.SetQueueArgument(copied, null); // MassTransit copies the arguments of the queue that the message comes from
        }

        queue.SetQuorumQueue();
        queue.SetQueueArgument("x-overflow", "drop-head");
        queue.SetQueueArgument("x-max-length", 100_000);
        queue.SetQueueArgument("x-max-length-bytes", 1024L * 1024 * 1024);
    }
}
