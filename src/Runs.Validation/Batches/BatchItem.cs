namespace Runs.Validation;

/// <summary>
/// One item that was read from a batch: a <see cref="BatchedMessage"/> or an <see cref="UnreadableItem"/>.
/// </summary>
/// <param name="MessageId">The id of the command. Duplicates and redeliveries are recognized by it.</param>
internal abstract record BatchItem(Guid MessageId);
