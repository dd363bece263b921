namespace Runs.Lifecycle;

/// <summary>The reply to a command of a batch, as an item of a batch of replies.</summary>
/// <param name="MessageId">The id of the command.</param>
/// <param name="Json">The encoded item; empty when no reply is sent.</param>
internal readonly record struct EncodedReply(Guid MessageId, ReadOnlyMemory<byte> Json);
