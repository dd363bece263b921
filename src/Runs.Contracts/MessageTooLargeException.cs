namespace Runs.Contracts;

/// <summary>A message that the broker would not take: it closes the channel on one that is larger than its <c>max_message_size</c>, 16 MiB unless it is configured.</summary>
internal sealed class MessageTooLargeException(int bytes) : Exception($"The message has {bytes} bytes, more than the {MaxBytes} that a message may have.")
{
    /// <summary>The body of a message may have so many bytes.</summary>
    public const int MaxBytes = 16_000_000;
}
