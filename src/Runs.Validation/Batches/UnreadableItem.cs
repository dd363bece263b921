namespace Runs.Validation;

/// <summary>
/// An item of a batch whose message cannot be read, such as a type that only another release has. The other items of
/// the batch are readable.
/// </summary>
/// <param name="MessageId">The id of the command.</param>
/// <param name="Error">Why the message cannot be read.</param>
/// <param name="Json">The encoded item.</param>
internal sealed record UnreadableItem(Guid MessageId, string Error, ReadOnlyMemory<byte> Json) : BatchItem(MessageId);
