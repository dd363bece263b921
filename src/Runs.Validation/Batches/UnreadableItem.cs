namespace Runs.Validation;

/// <summary>
/// An item of a batch whose message cannot be read, for example because only another release has its type. It does not
/// affect the other items of the batch.
/// </summary>
/// <param name="MessageId">The id of the command.</param>
/// <param name="Error">Why the message cannot be read.</param>
/// <param name="Json">The encoded item.</param>
internal sealed record UnreadableItem(Guid MessageId, string Error, ReadOnlyMemory<byte> Json) : BatchItem(MessageId);
