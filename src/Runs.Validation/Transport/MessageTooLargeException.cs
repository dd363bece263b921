namespace Runs.Validation;

/// <summary>
/// Thrown when a message exceeds the size that the service sends. The limit is below RabbitMQ's
/// <c>max_message_size</c>, 16 MiB by default: the broker closes the channel on a larger message.
/// </summary>
internal sealed class MessageTooLargeException(int bytes)
    : Exception($"The message has {bytes} bytes, more than the maximum of {MaxBytes}.")
{
    /// <summary>The maximum size of a message body in bytes.</summary>
    public const int MaxBytes = 16_000_000;
}
