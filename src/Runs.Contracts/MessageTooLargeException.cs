namespace Runs.Contracts;

/// <summary>
/// A message is larger than the service sends. The limit is below RabbitMQ's <c>max_message_size</c>, 16 MiB by default: the broker closes the channel on a larger one.
/// </summary>
internal sealed class MessageTooLargeException(int bytes) : Exception($"The message has {bytes} bytes, more than the {MaxBytes} that a message may have.")
{
    /// <summary>The most bytes that the body of a message may have.</summary>
    public const int MaxBytes = 16_000_000;
}
